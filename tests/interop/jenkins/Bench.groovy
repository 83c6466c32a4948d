/** Runs Jenkinsfiles, each in a fresh workspace, and counts what is expected of them. */
class Bench {
    String repository
    File work
    String engine
    int count = 0
    int restarts = 0
    List failures = []

    /** What a build left. */
    Map run(Map options, String jenkinsfile) {
        File workspace = new File(work, 'job')
        workspace.deleteDir()
        new File(workspace, 'tools').mkdirs()
        File tool = new File(workspace, 'tools/proofmark')
        tool.text = new File(repository, 'tests/interop/wrappers/stub.sh').text
        tool.setExecutable(true)
        Job job = new Job(workspace: workspace, repository: repository, secrets: options.secrets ?: [:])
        job.environment = [PATH: '/usr/bin:/bin', HOME: '/nowhere', RECORD: new File(workspace, 'arguments').path]
        job.environment.putAll(options.environment ?: [:])
        job.plugins = options.plugins ?: job.plugins
        Engine.current = (Engine) Class.forName(engine).newInstance()
        Engine.current.job = job
        Map ran = [job: job, thrown: null, value: null]
        try {
            ran.value = Engine.current.run(Engine.current.load(jenkinsfile, new File(repository, 'tests/interop/jenkins')))
        } catch (Failed failure) {
            ran.thrown = failure.message
        }
        restarts += engine == 'Resumed' ? Engine.current.restarts : 0
        File record = new File(workspace, 'arguments')
        ran.arguments = record.exists() ? record.text.split('\0') as List : null
        ran.said = job.said.join('\n')
        ran.published = job.published.collectEntries { [(it.step): it] }
        ran
    }

    void expect(Object what, boolean holds, Map ran) {
        count += 1
        if (!holds) {
            failures << what
            System.err.println("NOT OK  ${engine} ${what}: ${ran.thrown} ${ran.value} ${ran.job?.result} ${ran.published}")
            System.err.println((ran.said ?: '').with { it.length() < 2000 ? it : it[-2000..-1] })
        }
    }

    /** A Jenkinsfile with one step in each form of Pipeline. */
    static String declarative(String call) {
        "pipeline { agent any\n stages { stage('One') { steps {\n ${call}\n } } } }"
    }

    static String scripted(String call) {
        "node { checkout scm\n found = ${call}\n }\nreturn found"
    }
}
