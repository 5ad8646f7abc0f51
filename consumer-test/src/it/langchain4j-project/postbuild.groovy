// The answer of the embedded model stands on a line of its own.
def log = new File(basedir, 'build.log').readLines('UTF-8')
assert log.any { it.trim() == 'Ulla plays the piano.' }
