// Holds what the steps of the library make of each outcome against what they document, directly and
// resumed. Called by run.sh.
//
//   groovy interop.groovy REPOSITORY WORK PROOFMARK CREDIT ENGINE...
int failed = 0
args.drop(4).each { String engine ->
    Bench bench = new Bench(repository: args[0], work: new File(args[1]), engine: engine)
    Recorded.all(bench)
    Real.all(bench, args[2], new File(args[3]))
    if (engine == 'Resumed') {
        // A live Matcher cannot be written down: an engine that lets it pass proves nothing.
        String matcher = 'def found = ("a" =~ /a/)\necho "stop"\nreturn found.matches()'
        boolean refused = false
        try {
            bench.run([:], matcher)
        } catch (NotSerializableException expected) {
            refused = true
        }
        bench.expect('what cannot be resumed is refused', refused, [:])
    }
    String restarts = bench.restarts ? ", ${bench.restarts} restarts" : ''
    println "jenkins ${engine}: ${bench.count} expectations, ${bench.failures.size()} not met${restarts}"
    failed += bench.failures.size()
}
System.exit(failed == 0 ? 0 : 1)
