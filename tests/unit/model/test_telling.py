"""The line of an output that says why, whatever stands around it: each was printed by the program
that its name says."""

import pytest

from devflow.model.output.telling import telling_line

NPM_10 = """
> web@1.0.0 test
> node --test

Error: Cannot find module './gone'
npm error Lifecycle script `test` failed with error:
npm error code 1
npm error path /home/jose/web
npm error workspace web@1.0.0
npm error command failed
npm error command sh -c node --test
"""
NPM_404 = """npm ERR! code E404
npm ERR! 404 Not Found - GET https://registry.npmjs.org/left-pat - Not found
npm ERR! A complete log of this run can be found in:
npm ERR!     /home/jose/.npm/_logs/2026-11-29T12_00_00_000Z-debug-0.log
"""
PNPM = """> node tools/build.js

src/a.ts(3,4): error TS2345: Argument of type 'string' is not assignable.
src/b.ts(9,1): error TS2304: Cannot find name 'x'.
 ELIFECYCLE  Command failed with exit code 2.
"""
MAKE = """cc -c -o a.o a.c
a.c:3:9: warning: unused variable 'x'
a.c:5:3: error: expected ';' before '}' token
make: *** [Makefile:3: a.o] Error 1
"""
GO = """# example.org/tally
./tally.go:9:6: syntax error: unexpected {, expecting name
FAIL\texample.org/tally [build failed]
FAIL
"""
CARGO = """   Compiling price v0.1.0
error[E0308]: mismatched types
 --> src/lib.rs:2:5
error: could not compile `price` (lib) due to 1 previous error
"""
CHAINED = """Traceback (most recent call last):
  File "a.py", line 1, in <module>
KeyError: 'km'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
    raise RuntimeError("no price")
RuntimeError: no price
"""
PYTEST = """>   def test_a(): assert price(5) == 3
E   assert 2 == 3
E    +  where 2 = price(5)

test_a.py:4: AssertionError
=========================== short test summary info ============================
FAILED test_a.py::test_a - assert 2 == 3
!!!!!!!!!!!!!!!!!!!!!!!!!! stopping after 1 failures !!!!!!!!!!!!!!!!!!!!!!!!!!!
1 failed in 0.02s
"""
OF_ANOTHER = """fatal: not a git repository (or any of the parent directories): .git
Traceback (most recent call last):
  File "a.py", line 1, in <module>
subprocess.CalledProcessError: Command '['git', 'log']' returned non-zero exit status 128.
"""
MINITEST = """Run options: --seed 46075

# Running:

F

Finished in 0.001255s, 796.9620 runs/s, 796.9620 assertions/s.

  1) Failure:
ATest#test_a [test/a_test.rb:4]:
Expected: 2
  Actual: 3

1 runs, 1 assertions, 1 failures, 0 errors, 0 skips
rake aborted!
Command failed with status (1)

Tasks: TOP => test
(See full trace by running task with --trace)
"""
RUBY = """<internal:/usr/lib/require.rb>:85:in `require': cannot load such file -- gone (LoadError)
\tfrom <internal:/usr/lib/require.rb>:85:in `require'
\tfrom test/a_test.rb:1:in `<top (required)>'
rake aborted!
Command failed with status (1)

Tasks: TOP => test
(See full trace by running task with --trace)
"""
RAKE = "no row for SEK\n" + RUBY[RUBY.index("rake aborted!") :]
PHPUNIT = """PHPUnit 9.6.7 by Sebastian Bergmann and contributors.

Error in bootstrap script: ParseError:
syntax error, unexpected variable "$x"
#0 /usr/share/php/PHPUnit/Util/FileLoader.php(66): include_once()
#6 /usr/bin/phpunit(82): PHPUnit\\TextUI\\Command::main()
#7 {main}"""
PHP = """PHP Fatal error:  Uncaught RuntimeException: no database in /srv/b.php:2
Stack trace:
#0 /srv/b.php(3): g()
#1 {main}
  thrown in /srv/b.php on line 2
"""
PRINTED = {
    "PHPUnit": (
        PHPUNIT,
        'Error in bootstrap script: ParseError: syntax error, unexpected variable "$x"',
    ),
    "PHP": (PHP, "PHP Fatal error: Uncaught RuntimeException: no database in /srv/b.php:2"),
    "minitest": (MINITEST, "ATest#test_a [test/a_test.rb:4]: Expected: 2 Actual: 3"),
    "Ruby": (RUBY, "<internal:/usr/lib/require.rb>:85:in `require': cannot load such file -- gone"),
    "rake": (RAKE, "no row for SEK"),
    "npm 10": (NPM_10, "Error: Cannot find module './gone'"),
    "npm 9": (NPM_404, "404 Not Found - GET https://registry.npmjs.org/left-pat - Not found"),
    "pnpm": (PNPM, "src/a.ts(3,4): error TS2345: Argument of type 'string' is not assignable."),
    "make": (MAKE, "a.c:5:3: error: expected ';' before '}' token"),
    "go": (GO, "./tally.go:9:6: syntax error: unexpected {, expecting name"),
    "cargo": (CARGO, "error[E0308]: mismatched types"),
    "Python": (CHAINED, "RuntimeError: no price"),
    "pytest": (PYTEST, "assert 2 == 3"),
    "Python, of git": (OF_ANOTHER, "fatal: not a git repository (or any of the parent"),
    "a script": ("checking\nthe table has no row for SEK\n\n", "the table has no row for SEK"),
    "counts": ("0 errors: fine\n3 files\nno licence in a.py\n", "no licence in a.py"),
    "nothing": ("\n \n", "it printed nothing"),
    "make alone": ("make: *** [all] Error 2\n", "make: *** [all] Error 2"),
}


@pytest.mark.parametrize(("output", "line"), PRINTED.values(), ids=PRINTED)
def test_the_telling_line_is_found(output: str, line: str) -> None:
    assert telling_line(output).startswith(line)
