import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.runtime.InvokerHelper

/**
 * Runs a Jenkinsfile with the library as one of two engines does: `Direct` calls each step, as a
 * Groovy program would; `Resumed` (Resumed.groovy) stops at each step, as Jenkins does.
 */
abstract class Engine {
    static Engine current
    Job job
    /** The variables of the library and this file's blocks, found by name at any time, also after a restart. */
    Map library = [:]

    /** Does a step for the program, now or later. */
    abstract Object perform(String step, List arguments)

    abstract CompilerConfiguration configuration()

    abstract Object run(Script program)

    /** A call the program itself does not answer: of a library's variable, a block, or a step. */
    Object call(String name, List arguments) {
        if (library.containsKey(name)) {
            return InvokerHelper.invokeMethod(library[name], 'call', arguments as Object[])
        }
        if (arguments && arguments.last() instanceof Closure) {
            List given = [name, arguments.init(), arguments.last()]
            return InvokerHelper.invokeMethod(library.blocks, 'call', given as Object[])
        }
        perform(name, arguments)
    }

    /** The Jenkinsfile, compiled after the library. */
    Script load(String jenkinsfile, File here) {
        GroovyShell shell = new GroovyShell(getClass().classLoader, new Binding(), configuration())
        List steps = new File(job.repository, 'jenkins/vars').listFiles().findAll { it.name.endsWith('.groovy') } as List
        (steps + new File(here, 'blocks.groovy')).each { File file ->
            library[file.name - '.groovy'] = shell.parse(file)
        }
        library.putAll(any: 'any', none: 'none', scm: 'scm')
        shell.parse(jenkinsfile, 'Jenkinsfile.groovy')
    }
}
