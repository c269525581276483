import CPosixSpawn
import Foundation

/// Starts a program in a process group of its own, with nothing of this process but three pipes.
enum Spawn {
  struct Child {
    var pid: pid_t
    var input: Int32
    var output: Int32
    var errors: Int32
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  static func start(_ program: String, _ arguments: [String], environment: [String: String], folder: String) throws
    -> Child
  {
    var descriptors: [Int32] = []
    func pipe() throws -> (read: Int32, write: Int32) {
      var ends: [Int32] = [-1, -1]
      guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Failure(description: "pipe2: \(errnoText())") }
      descriptors += ends
      return (ends[0], ends[1])
    }
    func closeAll() { for descriptor in descriptors { close(descriptor) } }

    do {
      let (inputRead, inputWrite) = try pipe()
      let (outputRead, outputWrite) = try pipe()
      let (errorsRead, errorsWrite) = try pipe()

      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addchdir_np(&actions, folder)
      for (from, to) in [(inputRead, 0), (outputWrite, 1), (errorsWrite, 2)] as [(Int32, Int32)] {
        posix_spawn_file_actions_adddup2(&actions, from, to)
      }

      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
      posix_spawnattr_setflags(&attributes, Int16(flags))
      posix_spawnattr_setpgroup(&attributes, 0)
      var signals = sigset_t()
      sigemptyset(&signals)
      posix_spawnattr_setsigmask(&attributes, &signals)
      sigaddset(&signals, SIGPIPE)
      posix_spawnattr_setsigdefault(&attributes, &signals)

      var pid: pid_t = 0
      let status = withCStrings([program] + arguments) { argv in
        withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { envp in
          posix_spawn(&pid, program, &actions, &attributes, argv, envp)
        }
      }
      guard status == 0 else {
        throw Failure(description: "cannot start \(program): \(String(cString: strerror(status)))")
      }
      for end in [inputRead, outputWrite, errorsWrite] { close(end) }
      return Child(pid: pid, input: inputWrite, output: outputRead, errors: errorsRead)
    } catch {
      closeAll()
      throw error
    }
  }

  private static func errnoText() -> String { String(cString: strerror(errno)) }

  private static func withCStrings<R>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
  ) -> R {
    var pointers = texts.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("the list always ends with nil") }
      return body(base)
    }
  }
}
