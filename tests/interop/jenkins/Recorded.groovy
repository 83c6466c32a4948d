import groovy.json.JsonOutput

/** The steps with a program that records its arguments and ends as told. */
class Recorded {
    static void all(Bench bench) {
        verdicts(bench)
        page(bench)
        values(bench)
        mistakes(bench)
        plugins(bench)
    }

    /** Code: result and whether `error` was thrown with failOn error, in declarative form; verdict. */
    static final Map VERDICTS = [0: ['SUCCESS', false, 'pass'], 10: ['SUCCESS', true, 'fail'],
        11: ['UNSTABLE', false, 'warn'], 12: ['SUCCESS', true, 'pending'], 13: ['SUCCESS', true, 'rolled-back']]

    static void verdicts(Bench bench) {
        VERDICTS.each { int code, List expected ->
            Map told = [environment: [STUB_EXIT: code.toString()]]
            Map ran = bench.run(told, Bench.declarative("proofmarkGate binaryPath: 'tools/proofmark', failOn: 'error'"))
            bench.expect("code ${code}", [ran.job.result, ran.thrown != null] == expected.take(2), ran)
            bench.expect("code ${code} publishes", ran.published.keySet().containsAll(['junit', 'archiveArtifacts']), ran)
            ran = bench.run(told, Bench.scripted("proofmarkGate(binaryPath: 'tools/proofmark', failOn: 'never')"))
            bench.expect("code ${code} is told", [ran.value?.verdict, ran.value?.exitCode] == [expected[2], code], ran)
            bench.expect("code ${code} never fails", ran.job.result == (code == 0 ? 'SUCCESS' : 'UNSTABLE'), ran)
        }
        [1, 2, 3, 4, 5, 6, 7, 70, 130].each { int code ->
            Map ran = bench.run(Bench.scripted("proofmarkGate(binaryPath: 'tools/proofmark', failOn: 'never')"),
                environment: [STUB_EXIT: code.toString()])
            bench.expect("code ${code} fails", ran.thrown?.contains("exit code ${code}") == true, ran)
        }
    }

    /** The pipelines of the page, when the gate passes and when it does not. */
    static void page(Bench bench) {
        String text = new File(bench.repository, 'jenkins/README.md').text
        List examples = text.split('```groovy\n').drop(1).collect { it.split('```')[0] }
        bench.expect('the page has pipelines', 2 <= examples.size(), [said: text])
        examples.eachWithIndex { String example, int number ->
            Map ran = bench.run([secrets: ['github-token': 'hunter2']], example)
            bench.expect("page ${number}", ran.thrown == null && !ran.said.contains('hunter2'), ran)
            ran = bench.run([environment: [STUB_EXIT: '10'], secrets: ['github-token': 'hunter2']], example)
            boolean said = ran.thrown != null || ran.said.contains('the model got fail')
            bench.expect("page ${number} when the gate fails", said, ran)
        }
    }

    /** Values arrive as they were given, credentials by the variables the program reads. */
    static void values(Bench bench) {
        ["it's \"quoted\"", '$HOME ${HOME} $$ $(touch pwned)', 'two\nlines; exit 1', '-rf', '%PATH%'].each { String hostile ->
            String literal = JsonOutput.toJson(hostile).replace('$', '\\$')
            Map ran = bench.run([:], Bench.scripted("proofmarkPromote(binaryPath: 'tools/proofmark', operation: 'rollback', reason: ${literal})"))
            bench.expect("value ${hostile}", ran.arguments?.contains('--reason=' + hostile) == true, ran)
            bench.expect("value ${hostile} is not run", !new File(ran.job.workspace, 'pwned').exists(), ran)
        }
        Map ran = bench.run([:], Bench.scripted(
            "proofmarkDataValidate(binaryPath: 'tools/proofmark', files: ['a b', '-c'], contract: 'x', verbose: true)"))
        bench.expect('files', ran.arguments?.takeRight(3) == ['--', 'a b', '-c'] && '--verbose' in ran.arguments, ran)
        ran = bench.run([secrets: [k: '/agent/key.pem', p: 'hunter2']], Bench.scripted(
            "proofmarkSign(binaryPath: 'tools/proofmark', model: 'm', keyCredential: 'k', passwordCredential: 'p')"))
        bench.expect('password', '--password-variable=PROOFMARK_KEY_PASSWORD' in (ran.arguments ?: []), ran)
        bench.expect('no secret', !(ran.arguments ?: []).any { it.contains('hunter2') } && !ran.said.contains('hunter2'), ran)
    }

    static void mistakes(Bench bench) {
        ["binaryPth: 'x'": '`binaryPth` is not an argument', "failOn: 'maybe'": 'expected `error`',
         "verbose: 'yes'": 'expected true or false', '': 'exit code 2'].each { String given, String says ->
            Map ran = bench.run([:], Bench.scripted("proofmarkGate(${given})"))
            bench.expect("mistake `${given}`", ran.thrown?.contains(says) == true, ran)
        }
    }

    /** Arguments that use a plugin: the step it brings, when this version of the library has the argument. */
    static final Map PUBLISHERS = [issues: ['warnings', 'recordIssues'], htmlReport: ['htmlpublisher', 'publishHTML'],
        checks: ['checks', 'publishChecks'], junitReport: ['junit', 'junit']]

    static void plugins(Bench bench) {
        String library = new File(bench.repository, 'jenkins/vars/proofmark.groovy').text
        PUBLISHERS.findAll { library.contains("'${it.key}'") }.each { String argument, List brought ->
            String call = Bench.scripted("proofmarkGate(binaryPath: 'tools/proofmark', ${argument}: true)")
            Map ran = bench.run([:], call)
            bench.expect("${argument} is published", ran.published[brought[1]] != null && ran.thrown == null, ran)
            ran = bench.run([plugins: ['none']], call)
            bench.expect("${argument} without its plugin", ran.thrown == null && ran.job.result == 'SUCCESS', ran)
            bench.expect("${argument}: what is missing is said", ran.said.contains('plugin is not installed'), ran)
        }
    }
}
