import { draw } from './draw.js';
import { listen } from './form.js';

// Without data it is the page itself, which verifies any pack.
const own = document.getElementById('pack').textContent;
if (own !== '') draw(document.getElementById('statement'), JSON.parse(own));
listen(own);
