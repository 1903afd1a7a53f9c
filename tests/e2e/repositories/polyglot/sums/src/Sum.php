<?php

namespace Sums;

final class Sum
{
    /** @param int[] $counts */
    public static function of(array $counts): int
    {
        return array_sum($counts);
    }
}
