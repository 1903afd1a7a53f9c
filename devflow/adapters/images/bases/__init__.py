"""Where the images that ``FROM`` names come from: a registry, a mirror, or made here of Debian
packages."""
