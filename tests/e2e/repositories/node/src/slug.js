'use strict';

const leftPad = require('left-pad');

exports.slug = (text) => text.trim().toLowerCase().replaceAll(' ', '-');
exports.numbered = (number, text) => `${leftPad(number, 3)}-${exports.slug(text)}`;
