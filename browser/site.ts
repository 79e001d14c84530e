// What the pages gain when JavaScript runs; every page works without it.

import { showWork } from "./busy";
import { clearQuery, fillFromFragment, fillFromUniversalAction } from "./fragment";
import { offerPrinting } from "./printing";
import { watchUploads } from "./upload";

fillFromFragment();
fillFromUniversalAction();
clearQuery();
watchUploads();
showWork();
offerPrinting();
