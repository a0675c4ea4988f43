"""Every page in a real browser. axe.min.js is axe-core 4.14.1 by Deque Systems, as published on npm, under the MPL 2.0.

Its SHA-256 is 29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c; axe.LICENSE.txt is its licence.
"""
