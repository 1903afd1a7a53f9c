<?php

namespace Sums\Tests;

use PHPUnit\Framework\TestCase;
use Sums\Sum;

require_once __DIR__ . '/../src/Sum.php';

final class SumTest extends TestCase
{
    public function counts(): array
    {
        return ['none' => [[], 0], 'two' => [[2, 3], 5]];
    }

    /** @dataProvider counts */
    public function testIsTheSum(array $counts, int $sum): void
    {
        self::assertSame($sum, Sum::of($counts));
    }
}
