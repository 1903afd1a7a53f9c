'use strict';

const { plural } = require('plural');

exports.line = (name, count) => {
  if (count === 0) {
    return `${name}: never`;
  }
  return `${name}: ${plural(count, 'time')}`;
};
