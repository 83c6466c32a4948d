/**
 * A build on an agent: its workspace, its environment, and the steps of Pipeline, doing what their
 * plugins document. `sh` really runs. A step that is not here, or whose plugin is not installed, does
 * not exist for the program, and neither does a parameter its documentation does not name.
 */
class Job {
    File workspace
    String repository
    Map environment = [:]
    Map secrets = [:]
    Set plugins = ['junit', 'warnings', 'checks', 'htmlpublisher']
    String result = 'SUCCESS'
    /** What was printed. */
    List said = []
    /** Steps that publish, with their parameters. */
    List published = []

    /** Plugin and named parameters of each step; no plugin where Pipeline itself brings it. */
    static final Map STEPS = [
        sh: [null, ['script', 'returnStatus', 'returnStdout', 'label', 'encoding']],
        echo: [null, ['message']],
        error: [null, ['message']],
        unstable: [null, ['message']],
        pwd: [null, ['tmp']],
        isUnix: [null, []],
        fileExists: [null, ['file']],
        readFile: [null, ['file', 'encoding']],
        writeFile: [null, ['file', 'text', 'encoding']],
        libraryResource: [null, ['resource', 'encoding']],
        checkout: [null, ['scm']],
        agent: [null, ['label']],
        file: [null, ['credentialsId', 'variable']],
        string: [null, ['credentialsId', 'variable']],
        archiveArtifacts: [null, ['artifacts', 'allowEmptyArchive', 'fingerprint', 'onlyIfSuccessful', 'excludes']],
        junit: ['junit', ['testResults', 'allowEmptyResults', 'skipPublishingChecks', 'skipMarkingBuildUnstable',
            'checksName', 'keepLongStdio', 'healthScaleFactor']],
        sarif: ['warnings', ['pattern', 'id', 'name', 'reportEncoding', 'skipSymbolicLinks']],
        recordIssues: ['warnings', ['tool', 'tools', 'enabledForFailure', 'qualityGates', 'skipPublishingChecks',
            'checksAnnotationScope', 'id', 'name', 'sourceCodeEncoding', 'failOnError']],
        publishChecks: ['checks', ['name', 'title', 'summary', 'text', 'status', 'conclusion', 'detailsURL',
            'annotations', 'actions']],
        publishHTML: ['htmlpublisher', ['target', 'reportDir', 'reportFiles', 'reportName', 'reportTitles',
            'allowMissing', 'keepAll', 'alwaysLinkToLastBuild', 'includes', 'escapeUnderscores', 'icon']],
        enter: [null, []],
        leave: [null, ['environment']],
    ]

    boolean has(String step) {
        STEPS.containsKey(step) && (STEPS[step][0] == null || STEPS[step][0] in plugins)
    }

    Object perform(String step, List arguments) {
        if (!has(step)) {
            // DSL.invokeMethod of workflow-cps says it this way.
            throw new NoSuchMethodError("No such DSL method '${step}' found among steps")
        }
        if (arguments && arguments[0] instanceof Map && step != 'checkout') {
            List unknown = (arguments[0].keySet() - STEPS[step][1]) as List
            if (unknown) {
                throw new IllegalArgumentException("${step}: unknown parameters ${unknown}")
            }
        }
        invokeMethod(step, arguments as Object[])
    }

    String pwd(Map arguments) { new File(workspace, '.tmp').with { mkdirs(); path } }
    String libraryResource(String path) { new File(repository, 'jenkins/resources/' + path).text }
    void writeFile(Map arguments) { at(arguments.file).text = arguments.text }
    String readFile(Map arguments) { readFile(arguments.file.toString()) }
    String readFile(String path) { at(path).getText('UTF-8') }
    boolean fileExists(Map arguments) { fileExists(arguments.file.toString()) }
    boolean fileExists(String path) { at(path).exists() }
    boolean isUnix() { true }
    void echo(String text) { said << text }
    void error(String text) { throw new Failed(text) }
    void unstable(Map arguments) { unstable(arguments.message.toString()) }
    void unstable(String text) { said << text; result = 'UNSTABLE' }
    void checkout(Object what) {}
    void agent(Object where) {}

    Map file(Map arguments) { arguments }
    Map string(Map arguments) { arguments }
    Map sarif(Map arguments) { arguments }
    void archiveArtifacts(Map arguments) { publish('archiveArtifacts', arguments, arguments.artifacts) }
    void junit(Map arguments) { publish('junit', arguments, arguments.testResults) }
    void recordIssues(Map arguments) {
        Map tool = arguments.tool ?: arguments.tools[0]
        publish('recordIssues', arguments, tool.pattern)
    }
    void publishChecks(Map arguments) {
        if (arguments.conclusion && !(arguments.conclusion in ['NONE', 'ACTION_REQUIRED', 'SKIPPED', 'CANCELED',
                'TIME_OUT', 'FAILURE', 'NEUTRAL', 'SUCCESS'])) {
            throw new IllegalArgumentException("publishChecks: no conclusion `${arguments.conclusion}`")
        }
        publish('publishChecks', arguments, null)
    }
    void publishHTML(Map arguments) {
        Map target = arguments.target ?: arguments
        publish('publishHTML', target, target.reportDir + '/' + target.reportFiles)
    }

    private File at(Object path) {
        new File(path.toString()).absolute ? new File(path.toString()) : new File(workspace, path.toString())
    }

    /** A publisher reads its files when it runs, so they must be there then. */
    private void publish(String step, Map arguments, Object pattern) {
        List files = pattern == null ? [] : pattern.toString().endsWith('/**')
            ? (at(pattern.toString() - '/**').list() ?: []) as List : [at(pattern).exists() ? pattern : null] - null
        published << [step: step, arguments: arguments, files: files]
    }

    /** Runs a script as the durable-task plugin does; the environment is the job's and nothing else. */
    Object sh(Map arguments) {
        File script = File.createTempFile('script', '.sh', new File(pwd(tmp: true)))
        script.text = arguments.script
        List lines = environment.collect { name, value -> "${name}=${value}".toString() }
        Process process = ['sh', '-xe', script.path].execute(lines, workspace)
        StringBuffer output = new StringBuffer()
        process.waitForProcessOutput(output, output)
        said << output.toString()
        if (!arguments.returnStatus && process.exitValue() != 0) {
            throw new Failed("script returned exit code ${process.exitValue()}")
        }
        arguments.returnStatus ? process.exitValue() : null
    }

    /** The start of a block; gives what `leave` needs. */
    Map enter(String block, List arguments) {
        Map before = [environment: new HashMap(environment)]
        if (block == 'withEnv') {
            arguments[0].each { String line -> define(line, before.environment) }
        } else if (block == 'withCredentials') {
            arguments[0].each { environment[it.variable] = secrets[it.credentialsId] }
        }
        before
    }

    void leave(Map before) { environment = before.environment }

    /** EnvVars.overrideExpandingAll: $NAME and ${NAME} are replaced, $$ is $. */
    private void define(String line, Map before) {
        int at = line.indexOf('=')
        environment[line.substring(0, at)] = line.substring(at + 1)
            .replaceAll(/\$(\$|[A-Za-z0-9_]+|\{[A-Za-z0-9_.]+\})/) { all, name ->
                name == '$' ? '$' : (before[name.replaceAll(/[{}]/, '')] ?: all)
            }
    }
}
