import groovy.json.JsonSlurper

/** The steps with the real program, on the project that project.py makes. */
class Real {
    static final Map VERDICTS = [0: 'pass', 10: 'fail', 11: 'warn']

    static void all(Bench bench, String program, File credit) {
        outcomes(bench, program, credit)
        infrastructure(bench, program, credit)
        chain(bench, program, credit)
        again(bench, program, credit)
        installed(bench, program, credit)
    }

    static String step(String name, Map arguments) {
        "proofmark${name}(${arguments.collect { key, value -> "${key}: '${value}'" }.join(', ')})"
    }

    static void outcomes(Bench bench, String program, File credit) {
        Map expected = (Map) new JsonSlurper().parse(new File(credit, 'expected.json'))
        // What a run leaves beside the data would make the next one have nothing to do.
        new File(credit, 'out').deleteDir()
        // What is resumed is the library's one path, whatever the step; directly all of them are run.
        for (String step : bench.engine == 'Resumed' ? ['Gate'] : ['DataValidate', 'Gate', 'Run']) {
            for (String name : expected.keySet() - (step == 'DataValidate' ? [] : ['hostile'])) {
                int code = expected[name].code
                Map given = [binaryPath: program, config: new File(credit, name + '.yaml').path, workingDirectory: '']
                Map ran = bench.run([:], Bench.declarative(Real.step(step, given + [failOn: 'error'])))
                boolean fails = !(code in [0, 11])
                bench.expect("${step} ${name} fails", (ran.thrown != null) == fails, ran)
                bench.expect("${step} ${name} result", ran.job.result == (code == 11 ? 'UNSTABLE' : 'SUCCESS'), ran)
                expectReports(bench, "${step} ${name}", code, ran)
                new File(credit, 'out').deleteDir()
                ran = bench.run([:], Bench.scripted(Real.step(step, given + [failOn: 'never'])))
                expectTold(bench, "${step} ${name}", code, ran)
            }
        }
    }

    /** The publishers ran, and what they were pointed at was there. */
    static void expectReports(Bench bench, String what, int code, Map ran) {
        boolean junit = ran.published.junit?.files?.size() == 1
        bench.expect("${what} junit", junit == (code != 2), ran)
        bench.expect("${what} archive", ran.published.archiveArtifacts?.files?.contains('proofmark.env') == true, ran)
        if (junit) {
            File report = new File(ran.job.workspace, ran.published.junit.files[0].toString())
            def suites = new XmlSlurper().parse(report)
            List broken = suites.depthFirst().findAll { it.name() in ['failure', 'error'] }
            bench.expect("${what} junit tells", (broken.size() != 0) == !(code in [0, 11]), ran)
        }
    }

    static void expectTold(Bench bench, String what, int code, Map ran) {
        if (VERDICTS[code]) {
            bench.expect("${what} verdict", [ran.value?.verdict, ran.value?.exitCode] == [VERDICTS[code], code], ran)
            bench.expect("${what} never fails", ran.job.result == (code == 0 ? 'SUCCESS' : 'UNSTABLE'), ran)
        } else {
            bench.expect("${what} always fails", ran.thrown?.contains("exit code ${code}") == true, ran)
        }
    }

    static void infrastructure(Bench bench, String program, File credit) {
        Map table = [
            'no program': ['Gate', [binaryPath: 'tools/absent'], 3, 'names no program'],
            'no release': ['Gate', [:], 2, 'no SHA-256 is known'],
            'no directory': ['Gate', [binaryPath: program, workingDirectory: 'absent'], 3, 'cannot be entered'],
            'not ours': ['Gate', [binaryPath: '/bin/true'], 3, 'does not say that it is proofmark'],
            'operation': ['Card', [binaryPath: program, operation: 'burn'], 2, '`operation` is none of'],
            'format': ['Gate', [binaryPath: program, reportFormats: 'pdf'], 2, 'format that is not known'],
            'no configuration': ['Gate', [binaryPath: program], 2, 'proofmark.yaml'],
            'no key': ['Sign', [binaryPath: program, model: new File(credit, 'models/candidate').path, key: 'absent.pem'], 3, 'absent.pem'],
        ]
        table.each { String name, List row ->
            Map ran = bench.run([:], Bench.scripted(Real.step(row[0], row[1] + [failOn: 'never'])))
            bench.expect("${name} fails", ran.thrown?.contains("exit code ${row[2]}") == true, ran)
            bench.expect("${name} says why", ran.said.contains(row[3]), ran)
        }
    }

    /** Every step once, in the order of a release, in one build; then what was signed is changed. */
    static void chain(Bench bench, String program, File credit) {
        File project = new File(bench.work, 'chain')
        project.deleteDir()
        [['cp', '-r', credit.path, project.path],
         [program, 'sign', '--generate-key', '--key', "${project}/out/pass/keys/signing.key".toString(),
          '--public-key', "${project}/out/pass/keys/signing.pub".toString()],
         [program, 'sign', '--generate-key', '--key', "${project}/other.key".toString(),
          '--public-key', "${project}/other.pub".toString()]].each { List command -> command.execute().waitFor() }
        Map given = [binaryPath: program, config: "${project}/pass.yaml"]
        List steps = [Real.step('DataValidate', given), Real.step('Gate', given), Real.step('Run', given + [only: 'scan']),
            Real.step('Card', given), Real.step('Card', given + [operation: 'lint']), Real.step('Sign', given),
            Real.step('Sign', given + [operation: 'attest']), Real.step('Verify', given),
            Real.step('Promote', given + [operation: 'plan', stage: 'production']),
            Real.step('Promote', given + [operation: 'apply', stage: 'production']),
            Real.step('Promote', given + [operation: 'status']), Real.step('Run', given)]
        Map ran = bench.run([:], "node {\n def verdicts = []\n ${steps.collect { "verdicts.add(${it}.verdict)" }.join('\n ')}\n" +
            ' found = verdicts\n}\nreturn found')
        bench.expect('chain', ran.value == steps.collect { 'pass' }, ran)
        Map secrets = [key: "${project}/other.key", 'public': "${project}/other.pub"]
        ran = bench.run([secrets: secrets], "node {\n ${Real.step('Sign', given + [keyCredential: 'key', replace: true])}\n" +
            " found = ${Real.step('Verify', given + [keyCredential: 'public'])}\n}\nreturn found")
        bench.expect('signs with the key of a credential', ran.value?.verdict == 'pass', ran)
        new File(project, 'models/candidate/model.json') << '\n'
        ran = bench.run([:], Bench.scripted(Real.step('Verify', given + [failOn: 'never'])))
        bench.expect('a changed model', ran.thrown?.contains('exit code 6') == true, ran)
    }

    /** A workspace is kept between builds: when nothing has changed, the reports are there all the same. */
    static void again(Bench bench, String program, File credit) {
        String call = Real.step('Run', [binaryPath: program, config: new File(credit, 'warn.yaml').path])
        bench.run([:], Bench.scripted(call))
        Map ran = bench.run([:], Bench.scripted(call))
        bench.expect('a second build', ran.said.contains('nothing to do') && ran.value?.verdict == 'warn', ran)
        bench.expect('a second build publishes', ran.published.junit?.files?.size() == 1, ran)
    }

    static void installed(Bench bench, String program, File credit) {
        String gate = Real.step('Gate', [binaryPath: '.proofmark/proofmark', config: new File(credit, 'pass.yaml').path])
        Map ran = bench.run([:], "node {\n ${Real.step('Setup', [binaryPath: program])}\n found = ${gate}\n}\nreturn found")
        bench.expect('setup', ran.value?.verdict == 'pass', ran)
    }
}
