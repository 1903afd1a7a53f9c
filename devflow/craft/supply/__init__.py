"""Where an image comes from and what is in it: SBOM, provenance, known vulnerabilities, signatures.

``documents.documents`` makes what step 20 keeps, ``attesting.signed`` what step 21 attaches, and
``checking.attachments`` verifies what was read back.
"""
