import CQEMUSystem
import Foundation
import Synchronization

/// A child process of ours: started with no descriptor but its standard three and with a fixed, small environment.
final class Program: Sendable {
  let process: pid_t
  let name: String
  /// Its number is another's to have once it was waited for.
  private let reaped = Atomic<Bool>(false)

  private static let busyAttempts = 100

  private init(process: pid_t, name: String) {
    self.process = process
    self.name = name
  }

  /// Starts `name`, found in PATH unless it holds a slash. `input` nil is the null device.
  static func start(
    _ name: String, _ arguments: [String], in folder: String? = nil, input: Descriptor? = nil, output: Descriptor,
    error: Descriptor, ownSession: Bool = false
  ) throws -> Program {
    let input = try input ?? Descriptor.open("/dev/null", O_RDWR)
    let words = ([name] + arguments).map { strdup($0) } + [nil]
    let variables = environment().map { strdup($0) } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var process = pid_t()
    var result: Int32 = 0
    // A script that was just written is busy as long as a child that was forked meanwhile holds what it was written
    // through, which is until that one executes its own program.
    for _ in 0..<busyAttempts {
      result = ascend_spawn(
        name, words, variables, folder, input.number, output.number, error.number, ownSession ? 1 : 0, &process)
      guard result == ETXTBSY else { break }
      usleep(10_000)
    }
    guard result == 0 else { throw SystemError("start", name, number: result) }
    return Program(process: process, name: name)
  }

  private static func environment() -> [String] {
    let kept = ["PATH", "HOME", "TMPDIR", "TZ", "XDG_RUNTIME_DIR"]
    let all = ProcessInfo.processInfo.environment
    return kept.compactMap { key in all[key].map { "\(key)=\($0)" } } + ["LC_ALL=C"]
  }

  enum Exit: Equatable {
    case code(Int32)
    case signal(Int32)

    var succeeded: Bool { self == .code(0) }

    var text: String {
      switch self {
      case .code(let code): "exit status \(code)"
      case .signal(let signal): "signal \(signal)"
      }
    }
  }

  /// How it ended, or nil while it runs. Reaps it: not to be asked again after an answer.
  func poll() -> Exit? {
    var status: Int32 = 0
    let result = waitpid(process, &status, WNOHANG)
    guard result == process else { return result < 0 && errno == ECHILD ? .code(127) : nil }
    reaped.store(true, ordering: .releasing)
    let signal = status & 0x7f
    return signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
  }

  /// Waits for its end; kills it at `deadline`, or when `stop` says so, and then answers nil.
  func wait(until deadline: ContinuousClock.Instant, unless stop: () -> Bool = { false }) -> Exit? {
    var pause: UInt32 = 1_000
    while true {
      if let exit = poll() { return exit }
      if ContinuousClock.now >= deadline || stop() {
        kill()
        return nil
      }
      usleep(pause)
      pause = min(pause * 2, 50_000)
    }
  }

  /// Ends it at once, and reaps it.
  func kill() {
    guard !reaped.exchange(true, ordering: .acquiringAndReleasing) else { return }
    Foundation.kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  }
}
