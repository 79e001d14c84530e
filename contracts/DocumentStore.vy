# pragma version 0.4.3
# pragma evm-version paris
"""
@title DocumentStore
@license Apache-2.0
@notice
    Holds the roots that one institution has issued and the hashes that it has revoked
    (docs/protocol.md section 2). Names, selectors, roles, events and messages are those of OpenAttestation's
    DocumentStore 2.6 and 3.0, so that unmodified verifiers read it.
@dev
    A hash is marked with the number of the block that holds it; 0 means "never". Nothing is ever unmarked.
    A hash may be revoked without having been issued: it may be a leaf, or an inner node, of an issued tree.
    Roles follow OpenZeppelin's AccessControl 4; every role is administered by DEFAULT_ADMIN_ROLE.
    `supportsInterface` answers no to 0xdcfd0745, by which verifiers recognise a version 4 store.
"""

event DocumentIssued:
    document: indexed(bytes32)

event DocumentRevoked:
    document: indexed(bytes32)

event RoleGranted:
    role: indexed(bytes32)
    account: indexed(address)
    sender: indexed(address)

event RoleRevoked:
    role: indexed(bytes32)
    account: indexed(address)
    sender: indexed(address)

DEFAULT_ADMIN_ROLE: public(constant(bytes32)) = empty(bytes32)
ISSUER_ROLE: public(constant(bytes32)) = keccak256("ISSUER_ROLE")
REVOKER_ROLE: public(constant(bytes32)) = keccak256("REVOKER_ROLE")

# The behaviour's version, as the original reports it in its releases 2.6 and 3.0.
version: public(constant(String[5])) = "2.3.0"

# 1,024 first-time marks cost about 24 million gas: what a block of 30 million holds.
MAX_BULK: constant(uint256) = 1024

# Bytes of UTF-8: a Khmer letter takes three.
MAX_NAME: constant(uint256) = 256

name: public(String[MAX_NAME])
documentIssued: public(HashMap[bytes32, uint256])
documentRevoked: public(HashMap[bytes32, uint256])
hasRole: public(HashMap[bytes32, HashMap[address, bool]])


@deploy
def __init__(_name: String[MAX_NAME], owner: address):
    """
    @notice Name the store and give its owner every role
    @param _name The institution's name, at most 256 bytes of UTF-8
    @param owner The account that administers, issues and revokes until it grants roles to others
    """
    assert owner != empty(address), "Owner is zero"
    self.name = _name
    self._grant(DEFAULT_ADMIN_ROLE, owner)
    self._grant(ISSUER_ROLE, owner)
    self._grant(REVOKER_ROLE, owner)


# --- issuing and revoking -------------------------------------------------------------------------------


@external
def issue(document: bytes32):
    """
    @notice Mark a root, or a single document's hash, as issued in this block
    """
    self._check_role(ISSUER_ROLE)
    self._issue(document)


@external
def bulkIssue(documents: DynArray[bytes32, MAX_BULK]):
    """
    @notice Issue several hashes; all of them or, if one was issued before, none
    """
    self._check_role(ISSUER_ROLE)
    for document: bytes32 in documents:
        self._issue(document)


@external
def revoke(document: bytes32) -> bool:
    """
    @notice Mark a root, an inner node or a document's hash as revoked in this block
    @return True
    """
    self._check_role(REVOKER_ROLE)
    self._revoke(document)
    return True


@external
def bulkRevoke(documents: DynArray[bytes32, MAX_BULK]):
    """
    @notice Revoke several hashes; all of them or, if one was revoked before, none
    """
    self._check_role(REVOKER_ROLE)
    for document: bytes32 in documents:
        self._revoke(document)


@internal
def _issue(document: bytes32):
    assert self.documentIssued[document] == 0, "Error: Only hashes that have not been issued can be issued"
    self.documentIssued[document] = self._mark()
    log DocumentIssued(document=document)


@internal
def _revoke(document: bytes32):
    assert self.documentRevoked[document] == 0, "Error: Hash has been revoked previously"
    self.documentRevoked[document] = self._mark()
    log DocumentRevoked(document=document)


@view
@internal
def _mark() -> uint256:
    # In block 0 the mark would be 0, which means "never": the hash would be lost without a word.
    assert block.number != 0, "Error: Block 0 cannot mark a hash"
    return block.number


# --- reading --------------------------------------------------------------------------------------------


@view
@external
def isIssued(document: bytes32) -> bool:
    return self.documentIssued[document] != 0


@view
@external
def isIssuedBefore(document: bytes32, blockNumber: uint256) -> bool:
    """
    @notice Say whether a hash was issued in block `blockNumber` or before it
    """
    mark: uint256 = self.documentIssued[document]
    return mark != 0 and mark <= blockNumber


@view
@external
def getIssuedBlock(document: bytes32) -> uint256:
    """
    @notice Return the block that issued a hash; refuse a hash that was never issued
    """
    mark: uint256 = self.documentIssued[document]
    # The original's own words, odd as they are here: verifiers may look for them.
    assert mark != 0, "Error: Only issued document hashes can be revoked"
    return mark


@view
@external
def isRevoked(document: bytes32) -> bool:
    return self.documentRevoked[document] != 0


@view
@external
def isRevokedBefore(document: bytes32, blockNumber: uint256) -> bool:
    """
    @notice Say whether a hash was revoked in block `blockNumber` or before it
    """
    mark: uint256 = self.documentRevoked[document]
    return mark != 0 and mark <= blockNumber


# --- roles (OpenZeppelin AccessControl 4) ---------------------------------------------------------------


@pure
@external
def getRoleAdmin(role: bytes32) -> bytes32:
    """
    @notice Return the role whose members grant and revoke `role`: always DEFAULT_ADMIN_ROLE
    """
    return DEFAULT_ADMIN_ROLE


@external
def grantRole(role: bytes32, account: address):
    self._check_role(DEFAULT_ADMIN_ROLE)
    self._grant(role, account)


@external
def revokeRole(role: bytes32, account: address):
    self._check_role(DEFAULT_ADMIN_ROLE)
    self._take(role, account)


@external
def renounceRole(role: bytes32, account: address):
    """
    @notice Give up one's own role; `account` must be the caller, named as a guard against mistakes
    """
    assert account == msg.sender, "AccessControl: can only renounce roles for self"
    self._take(role, account)


@pure
@external
def supportsInterface(interfaceId: bytes4) -> bool:
    """
    @notice ERC-165: IERC165 and OpenZeppelin's IAccessControl
    """
    return interfaceId in [0x01ffc9a7, 0x7965db0b]


@view
@internal
def _check_role(role: bytes32):
    assert self.hasRole[role][msg.sender], "AccessControl: account is missing role"


@internal
def _grant(role: bytes32, account: address):
    if not self.hasRole[role][account]:
        self.hasRole[role][account] = True
        log RoleGranted(role=role, account=account, sender=msg.sender)


@internal
def _take(role: bytes32, account: address):
    if self.hasRole[role][account]:
        self.hasRole[role][account] = False
        log RoleRevoked(role=role, account=account, sender=msg.sender)
