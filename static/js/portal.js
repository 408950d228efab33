// The pages of a partner who has signed in.

import "./enhance.js";
import "./viewer-zone.js";
