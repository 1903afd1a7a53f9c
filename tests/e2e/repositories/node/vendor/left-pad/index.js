'use strict';

module.exports = (text, length) => String(text).padStart(length, '0');
