'use strict';

exports.bar = (share) => '#'.repeat(Math.round(share * 10));
