// The answers of the embedded model are printed, each beside an empty error.
def log = new File(basedir, 'build.log').readLines('UTF-8')
assert log.any { it.contains('|Ulla plays the piano. |NULL |') }
assert log.any { it.contains('|Dora lives in Northam.|NULL |') }
