// The answer of the embedded model and what it cost are printed.
def log = new File(basedir, 'build.log').readLines('UTF-8')
assert log.any { it.contains('Ulla plays the piano.') }
assert log.any { it.contains('gen_ai.server.request.duration') && it.contains('count=1') }
