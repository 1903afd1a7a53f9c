"""What teams call the acceptance criteria, in the languages that they write in: as a heading of a
ticket's text, and as a field of its own.

In lower case, without signs: as ``craft/ticket/titles`` and the tracker compare them.
"""

from typing import Final

CRITERIA_TITLES: Final = (
    "acceptance criteria",
    "acceptance criterion",
    "acceptance criterias",
    "acceptance",
    "acceptance tests",
    "acceptance conditions",
    "acceptance scenarios",
    "acceptance checklist",
    "conditions of satisfaction",
    "ac",
    "acs",
    "ac s",
    "a c",
    # de, fr, es, pt, it
    *("akzeptanzkriterien", "akzeptanzkriterium", "abnahmekriterien"),
    *("critères d acceptation", "critères d acceptance", "tests d acceptation"),
    *("criterios de aceptación", "critérios de aceitação", "critérios de aceite"),
    "criteri di accettazione",
    # nl, sv, da, nb, fi
    *("acceptatiecriteria", "acceptanskriterier", "acceptkriterier"),
    *("akseptansekriterier", "hyväksymiskriteerit"),
    # pl, cs, hu, ro, tr
    *("kryteria akceptacji", "akceptační kritéria", "elfogadási kritériumok"),
    *("criterii de acceptare", "kabul kriterleri"),
    # ru, uk, ja, zh, ko
    *("критерии приемки", "критерии приёмки", "критерії приймання"),
    *("受け入れ基準", "受入基準", "受け入れ条件", "验收标准", "驗收標準", "인수 조건"),
)
