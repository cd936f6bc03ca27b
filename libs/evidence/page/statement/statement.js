import { draw } from './draw.js';
import { listen } from './form.js';

const data = JSON.parse(document.getElementById('pack').textContent);
draw(document.getElementById('statement'), data);
listen();
