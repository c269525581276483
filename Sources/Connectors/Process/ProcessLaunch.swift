import CSpawn
import Glibc
import Support

/// What to start, and in which surroundings.
struct ProcessLaunch {
  var executable: String
  var arguments: [String]
  var environment: [String: String]
  /// The working directory.
  var folder: String

  /// Starts the program in a session and process group of its own, with these three descriptors and no others.
  ///
  /// - Returns: its process id, which is also its group's.
  /// - Throws: `connector.startFailed`.
  func start(input: Int32, output: Int32, error: Int32) throws(AscendError) -> pid_t {
    var pid: pid_t = 0
    var stage: Int32 = 0
    let number = Self.withCStrings([executable] + arguments) { arguments in
      Self.withCStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) { environment in
        cspawn_start(executable, arguments, environment, folder, input, output, error, &pid, &stage)
      }
    }
    guard number == 0 else {
      let step =
        switch UInt32(bitPattern: stage) {
        case CSPAWN_CHDIR.rawValue: "its folder \(folder) cannot be entered"
        case CSPAWN_EXEC.rawValue: "the program cannot be executed"
        default: "no process can be made"
        }
      throw AscendError(
        "connector.startFailed", "The connector cannot be started", object: executable,
        cause: "\(step): \(String(cString: strerror(number)))",
        remedy: number == ENOEXEC || number == ENOENT
          ? "Check that it is built for this computer and that its interpreter is installed"
          : "Check the connector's installation")
    }
    return pid
  }

  private static func withCStrings<T>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> T
  ) -> T {
    var pointers = strings.map { strdup($0) }
    pointers.append(nil)
    defer { pointers.forEach { free($0) } }
    return pointers.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("the list holds its terminator") }
      return body(base)
    }
  }
}
