import com.cloudbees.groovy.cps.SerializableScript

abstract class ResumedScript extends SerializableScript {
    Object invokeMethod(String name, Object arguments) {
        Engine.current.call(name, arguments as List)
    }

    Object getProperty(String name) {
        Map library = Engine.current.library
        library.containsKey(name) ? library[name] : super.getProperty(name)
    }
}
