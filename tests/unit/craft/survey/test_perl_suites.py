"""The suites that are found in repositories of Perl, and what such a project is called."""

import pytest

from devflow.model.survey.seen import Known
from tests.standins.surveyed import Machine, Seen, machine

ALL = machine("prove", "perl")
RUN = "sh -c 'prove -lr --merge --formatter TAP::Formatter::JUnit t > report.xml'"
IN = f"perl: {RUN} junit=report.xml"
FILES = {
    "Makefile.PL": "WriteMakefile(NAME => 'Parcel::Rates');\n",
    "lib/Parcel/Rates.pm": "package Parcel::Rates;\nuse JSON::PP;\n1;\n__END__\nuse Not::Code;\n",
    "t/rates.t": "use Test2::V0;\nuse Parcel::Rates;\n\n=pod\n\nuse Not::Code;\n\n=cut\n",
}
DEEP = {"rates/t/deep/a.t": "#!/usr/bin/env perl\n", "rates/t/b.t": ""}
NO_REPORT = (
    "no TAP::Formatter::JUnit on this machine, which writes the report: apt-get install"
    " libtap-formatter-junit-perl, or cpanm TAP::Formatter::JUnit"
)
NO_MODULES = "this machine's perl has no Test2::V0, JSON::PP: cpanm --installdeps ."
BUILT = (
    "its .xs are built first: name sh -c 'perl Makefile.PL && make' as setup:, and -b in place of l"
)


def lacking(*modules: str) -> Machine:
    return machine("prove", "perl", lacks=modules)


@pytest.mark.parametrize(
    ("files", "lines", "on"),
    (
        (FILES, [f"+ {IN}"], ALL),
        (DEEP, [f"+ rates: {RUN} cwd=rates junit=report.xml"], ALL),
        (FILES, [f"- {IN} (no prove on this machine)"], machine("perl")),
        (FILES, [f"- {IN} ({NO_REPORT})"], lacking("TAP::Formatter::JUnit", "Test2::V0")),
        (
            FILES,
            [f"- {IN} ({NO_MODULES})"],
            lacking("Test2::V0", "JSON::PP", "Parcel::Rates", "Not::Code"),
        ),
        ({**FILES, "Rates.xs": ""}, [f"- {IN} ({BUILT})"], ALL),
        ({"META6.json": "{}", "t/a.t": "use Test;\n"}, [], ALL),
        ({"t/a.t": "#!/bin/sh\necho 1..0\n"}, [], ALL),
    ),
    ids="project folder no-prove no-formatter no-modules in-C raku a-shell".split(),
)
def test_the_tests_of_perl_are_in_or_their_line_says_why_not(
    files: dict[str, str], lines: list[str], on: Machine
) -> None:
    assert Seen(files, on).lines("suite") == lines


@pytest.mark.parametrize(
    ("path", "text"),
    (
        ("Makefile.PL", "# NAME => 'No'\nWriteMakefile(\n    NAME => 'Parcel::Rates',\n);\n"),
        ("Makefile.PL", 'WriteMakefile("NAME" => "Parcel::Rates");\n'),
        ("Build.PL", "Module::Build->new(module_name => 'Parcel::Rates');\n"),
        ("dist.ini", "name = Parcel-Rates\n[@Basic]\nname = other\n"),
        ("META.json", '{"name": "Parcel-Rates"}'),
    ),
)
def test_a_perl_project_is_called_as_its_distribution(path: str, text: str) -> None:
    assert Seen({path: text}, ALL).survey.name == Known("parcel-rates", path)
