"""The paper laboratory: what becomes of a printed code on its way to a reader, made by rule and by seed.

    python -m bench.paper              # every size, copy and capture, into docs/img and bench/paper/results.json
    python -m bench.paper --sheets 5   # a look at the same curves with few sheets a point

A sheet goes through `press.printed`, any number of `copier.copied`, and one capture: `scanner.scanned` or
`camera.photographed`. Pictures are grey and hold the code with the page around it. A seed and the names of the steps
give the same picture for ever: nothing here asks a clock or an unseeded source of chance.

What each step does to edges and tones, and how strongly, is said where it stands, with its source; a strength that
no source gives is called our assumption. The profiles of docs/protocol.md section 4 and the link of verify.gov.kh's
form go through the same steps, strengths and seeds.

What is *not* here: the readers (`govseal.adapters.qrimage`), and papers other than office paper.
"""
