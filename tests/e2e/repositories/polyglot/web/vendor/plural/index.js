'use strict';

exports.plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;
