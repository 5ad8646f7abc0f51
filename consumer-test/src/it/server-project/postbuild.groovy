// The answer of the embedded model is in the response.
def log = new File(basedir, 'build.log').readLines('UTF-8')
assert log.any { it.contains('"content":"Ulla plays the piano."') }
// It is called by a name that stays.
assert log.any { it.contains('"model":"sparsed-demo"') }
