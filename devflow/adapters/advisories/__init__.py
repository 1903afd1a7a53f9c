"""Known vulnerabilities, asked of the packages' own distributors."""
