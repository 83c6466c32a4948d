// Runs the Jenkins steps outside Jenkins, on the Groovy that Pipeline uses (2.4): the steps below do
// what the plugins document, `sh` really runs. Not CPS: that every line can be resumed is not shown.
//
//   groovy Harness.groovy REPOSITORY WORKSPACE STUB
import org.codehaus.groovy.control.CompilerConfiguration

class Job {
    File workspace
    Map environment = [:]
    Map secrets = [:]
    List said = []
    Set plugins = ['junit', 'warnings']
    String result = 'SUCCESS'
    List published = []
    String repository
}

class Failed extends RuntimeException {
    Failed(String message) { super(message) }
}

abstract class Steps extends Script {
    Job getJob() { binding.getVariable('job') }

    String pwd(Map arguments) { new File(job.workspace, '.tmp').with { mkdirs(); path } }
    String libraryResource(String path) { new File(job.repository, 'jenkins/resources/' + path).text }
    void writeFile(Map arguments) { new File(arguments.file).text = arguments.text }
    boolean fileExists(String path) { new File(job.workspace, path).exists() }
    boolean isUnix() { true }
    void echo(String text) { job.said << text }
    void error(String text) { throw new Failed(text) }
    void unstable(String text) { job.said << text; job.result = 'UNSTABLE' }
    void archiveArtifacts(Map arguments) { job.published << 'archive' }

    void junit(Map arguments) {
        if (!('junit' in job.plugins)) throw new NoSuchMethodError('junit')
        job.published << 'junit'
    }

    def sarif(Map arguments) { arguments }
    void recordIssues(Map arguments) {
        if (!('warnings' in job.plugins)) throw new NoSuchMethodError('recordIssues')
        job.published << 'issues'
    }

    // EnvVars.overrideExpandingAll: $NAME and ${NAME} are replaced, $$ is $.
    void withEnv(List lines, Closure body) {
        Map before = new HashMap(job.environment)
        lines.each { String line ->
            int at = line.indexOf('=')
            String value = line.substring(at + 1).replaceAll(/\$(\$|[A-Za-z0-9_]+|\{[A-Za-z0-9_.]+\})/) { all, name ->
                name == '$' ? '$' : (before[name.replaceAll(/[{}]/, '')] ?: all)
            }
            job.environment[line.substring(0, at)] = value
        }
        try { body() } finally { job.environment = before }
    }

    def file(Map arguments) { arguments }
    def string(Map arguments) { arguments }
    void withCredentials(List bindings, Closure body) {
        Map before = new HashMap(job.environment)
        bindings.each { job.environment[it.variable] = job.secrets[it.credentialsId] }
        try { body() } finally { job.environment = before }
    }

    int sh(Map arguments) {
        File script = File.createTempFile('script', '.sh', new File(pwd(tmp: true)))
        script.text = arguments.script
        List environment = job.environment.collect { name, value -> "${name}=${value}".toString() }
        Process process = ['sh', '-xe', script.path].execute(environment, job.workspace)
        StringBuffer output = new StringBuffer()
        process.waitForProcessOutput(output, output)
        job.said << output.toString()
        process.exitValue()
    }

    // Enough of declarative and scripted syntax for the pipelines of the page.
    def getAny() { 'any' }
    def getScm() { 'scm' }
    void checkout(Object what) {}
    void agent(Object where) {}
    void pipeline(Closure body) { body() }
    void stages(Closure body) { body() }
    void stage(String name, Closure body) { body() }
    void steps(Closure body) { body() }
    void node(Closure body) { body() }
}

String repository = args[0]
String stub = args[2]
CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: 'Steps')

// Runs a Jenkinsfile with the library; gives the job and what it threw.
def run = { String jenkinsfile, Map options = [:] ->
    File workspace = new File(args[1], 'job')
    workspace.deleteDir()
    workspace.mkdirs()
    File tool = new File(workspace, 'tools/proofmark')
    tool.parentFile.mkdirs()
    tool.bytes = new File(stub).bytes
    tool.setExecutable(true)
    Job job = new Job(workspace: workspace, repository: repository)
    job.environment = [PATH: '/usr/bin:/bin', HOME: '/nowhere', RECORD: new File(workspace, 'arguments').path]
    job.environment.putAll(options.environment ?: [:])
    job.secrets = options.secrets ?: [:]
    job.plugins = options.plugins ?: job.plugins
    Binding binding = new Binding(job: job)
    GroovyShell shell = new GroovyShell(getClass().classLoader, binding, configuration)
    new File(repository, 'jenkins/vars').listFiles().findAll { it.name.endsWith('.groovy') }.each { File step ->
        Script library = shell.parse(step)
        String name = step.name - '.groovy'
        binding.setVariable(name, name == 'proofmark' ? library : { Map arguments = [:] -> library.call(arguments) })
    }
    String thrown = null
    Object value = null
    try {
        value = shell.parse(jenkinsfile).run()
    } catch (Failed failure) {
        thrown = failure.message
    }
    File record = new File(workspace, 'arguments')
    List arguments = record.exists() ? record.text.split('\0') as List : null
    [job: job, thrown: thrown, value: value, arguments: arguments, said: job.said.join('\n')]
}

int count = 0
def check = { boolean holds, Object what ->
    count += 1
    if (!holds) {
        System.err.println "failed: ${what}"
        System.exit(1)
    }
}

String declarative = '''pipeline { agent any
  stages { stage('Gate') { steps { proofmarkGate binaryPath: 'tools/proofmark', failOn: 'error' } } } }'''
String scripted = '''node { found = proofmarkGate(binaryPath: 'tools/proofmark', failOn: 'never') }
return found'''

// code: declarative with failOn error, scripted with failOn never
[0: ['SUCCESS', false, 'pass'], 10: ['SUCCESS', true, 'fail'], 11: ['UNSTABLE', false, 'warn'],
 12: ['SUCCESS', true, 'pending'], 13: ['SUCCESS', true, 'rolled-back']].each { code, expected ->
    def ran = run(declarative, [environment: [STUB_EXIT: code.toString()]])
    check(ran.job.result == expected[0] && (ran.thrown != null) == expected[1], [code, ran])
    check(ran.job.published.containsAll(['junit', 'archive']), [code, ran.job.published])
    ran = run(scripted, [environment: [STUB_EXIT: code.toString()]])
    check(ran.thrown == null && ran.value.verdict == expected[2] && ran.value.exitCode == code, [code, ran])
    check(ran.job.result == (code == 0 ? 'SUCCESS' : 'UNSTABLE'), [code, ran])
}
[1, 2, 3, 4, 5, 6, 7, 70, 130].each { code ->
    def ran = run(scripted, [environment: [STUB_EXIT: code.toString()]])
    check(ran.thrown?.contains("exit code ${code}") == true, [code, ran])
}

// The pipelines of the page.
List examples = new File(repository, 'jenkins/README.md').text.split('```groovy\n').drop(1).collect { it.split('```')[0] }
check(examples.size() == 2, examples)
examples.each { String example ->
    check(run(example).thrown == null, example)
}
check(run(examples[0], [environment: [STUB_EXIT: '10']]).thrown != null, examples[0])
check(run(examples[1], [environment: [STUB_EXIT: '10']]).said.contains('the model got fail'), examples[1])

// Values arrive as they were given.
["it's \"quoted\"", '$HOME ${HOME} $$ $(touch pwned)', 'two\nlines; exit 1', '-rf', '%PATH%'].each { String hostile ->
    String literal = groovy.json.JsonOutput.toJson(hostile).replace('$', '\\$')
    def ran = run("proofmarkPromote(binaryPath: 'tools/proofmark', operation: 'rollback', reason: ${literal})".toString())
    check(ran.arguments?.contains('--reason=' + hostile) == true, [hostile, ran])
}
def ran = run('''proofmarkDataValidate(binaryPath: 'tools/proofmark', files: ['a b', '-c'], contract: 'x', verbose: true)''')
check(ran.arguments.takeRight(3) == ['--', 'a b', '-c'] && ran.arguments.contains('--verbose'), ran)

// Credentials reach the program by the variables it reads, and never its arguments.
ran = run('''proofmarkSign(binaryPath: 'tools/proofmark', model: 'm', keyCredential: 'k', passwordCredential: 'p')''',
    [secrets: [k: '/agent/key.pem', p: 'hunter2']])
check(ran.thrown == null && ran.arguments.contains('--password-variable=PROOFMARK_KEY_PASSWORD'), ran)
check(!ran.arguments.any { it.contains('hunter2') } && !ran.said.contains('hunter2'), ran)

// What is missing is said, what is misspelt is refused.
ran = run("proofmarkGate(binaryPath: 'tools/proofmark', issues: true)", [plugins: ['none']])
check(ran.thrown == null && ran.said.contains('JUnit plugin is not installed') && ran.job.result == 'SUCCESS', ran)
check(run("proofmarkGate(binaryPth: 'x')").thrown?.contains('`binaryPth` is not an argument'), 'misspelt')
check(run("proofmarkGate(failOn: 'maybe')").thrown?.contains('expected `error`'), 'failOn')
check(run("proofmarkGate(verbose: 'yes')").thrown?.contains('expected true or false'), 'bool')
check(run("proofmarkGate()").thrown?.contains('exit code 2'), 'no release')
check(run("proofmarkSetup(binaryPath: 'tools/proofmark')").value?.tool == '.proofmark/proofmark', 'setup')

// Every step of the library runs.
['DataValidate', 'Gate', 'Card', 'Sign', 'Verify', 'Promote', 'Run'].each { String step ->
    check(run("proofmark${step}(binaryPath: 'tools/proofmark')".toString()).value?.verdict == 'pass', step)
}
println "jenkins: ${count} checks"
