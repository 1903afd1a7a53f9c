#!/usr/bin/env bash
# django-migration-linter 6.0.0 with Django 5.2.19 (Python 3.11): `lintmigrations --git-commit-id REF`, in a project as
# `startproject` and `startapp` lay it out, looks at no migration of any app: 0/0, exit 0.
#
# Expected: what it says of the same migration without the commit: "DROPPING columns", exit 1.
# Seen, django-admin startproject p . and manage.py startapp shop, a migration since HEAD~1 that drops a column:
#   lintmigrations:                                         "Erroneous migrations: 1/2", exit 1
#   lintmigrations --git-commit-id HEAD~1:                  "Erroneous migrations: 0/0", exit 0
#   the same with --project-root-path "$PWD":               "Erroneous migrations: 1/1", exit 1
#   lintmigrations shpo (there is no such app):             "Erroneous migrations: 0/0", exit 0
# It runs `git diff --relative` in the folder of the settings (p/), and apps lie beside that, not in it.
#
# Why it matters: the option is for pull requests, whose job would else be red for what was deployed years ago. With
# Django's own layout the gate is green from its first day on, for every migration, and 0 errors is what one hopes for.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check django==5.2.19 django-migration-linter==6.0.0
mkdir work
cd work
python="$folder/env/bin/python"
"$folder/env/bin/django-admin" startproject p .
"$python" manage.py startapp shop
sed -i "s/INSTALLED_APPS = \[/INSTALLED_APPS = ['django_migration_linter', 'shop',/" p/settings.py
printf '__pycache__/\n*.sqlite3\n' >.gitignore
migration() { # NAME DEPENDENCIES OPERATIONS
  cat >"shop/migrations/$1.py" <<PYTHON
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [$2]
    operations = [$3]
PYTHON
  git add .
  git -c user.name=a -c user.email=a@example.org -c commit.gpgsign=false commit --quiet --message "feat: $1"
}
git init --quiet .
fields="('id', models.BigAutoField(primary_key=True)), ('a', models.IntegerField(null=True))"
migration 0001_first '' "migrations.CreateModel('Item', [$fields])"
migration 0002_second "('shop', '0001_first')" "migrations.RemoveField('Item', 'a')"
seen=''
lint() {
  local code=0
  "$python" manage.py lintmigrations --no-cache "$@" >said.txt 2>&1 || code=$?
  local of
  of="$(sed -n 's/^Erroneous migrations: //p' said.txt)"
  echo "lintmigrations $*: exit $code, erroneous $of"
  seen="$seen$code $of, "
}
lint
lint --git-commit-id HEAD~1
lint --git-commit-id HEAD~1 --project-root-path "$PWD"
lint shpo
test "$seen" = '1 1/2, 0 0/0, 1 1/1, 0 0/0, '
