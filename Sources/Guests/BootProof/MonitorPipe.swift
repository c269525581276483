import ConnectorProtocol
import Foundation
import Glibc
import Support

/// A conversation with QEMU by its machine protocol (QMP): one JSON object a line, events between the answers.
///
/// Over a pair of named pipes, whose paths may be longer than those of sockets. Never blocks.
final class MonitorPipe {
  /// Longer lines are not expected of the commands that are used here.
  private static let longestLine = 1 << 20

  private let commands: Int32
  private let answers: Int32
  private var received: [UInt8] = []
  /// Events that came since they were last taken, by name.
  private(set) var events: [(name: String, data: JSONValue)] = []

  /// Makes the pipes, to be opened by QEMU as `path`.
  init(path: String) throws(AscendError) {
    var opened: [Int32] = []
    for name in [path + ".in", path + ".out"] {
      // For reading and writing, so that neither end waits for the other to come.
      guard mkfifo(name, 0o600) == 0, case let end = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC), end >= 0 else {
        let number = errno
        for end in opened { close(end) }
        throw AscendError.system(
          "guest.temporaryFile", "A pipe to QEMU could not be made", object: name, errno: number)
      }
      opened.append(end)
    }
    (commands, answers) = (opened[0], opened[1])
  }

  deinit {
    close(commands)
    close(answers)
  }

  func takeEvents() throws(AscendError) -> [(name: String, data: JSONValue)] {
    while let message = try nextMessage() { note(message) }
    defer { events = [] }
    return events
  }

  /// The command's result; nil where QEMU refuses or does not answer in `seconds`.
  func execute(
    _ command: String, _ arguments: [String: JSONValue] = [:], seconds: Double = 30
  ) async throws(AscendError) -> JSONValue? {
    var message: [String: JSONValue] = ["execute": .string(command)]
    if !arguments.isEmpty { message["arguments"] = .object(arguments) }
    guard let line = try? CanonicalJSON.encode(JSONValue.object(message)) else { return nil }
    let bytes = [UInt8](line) + [0x0a]
    guard write(commands, bytes, bytes.count) == bytes.count else { return nil }
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      while let answer = try nextMessage() {
        if let result = answer["return"] { return result }
        if answer["error"] != nil { return nil }
        note(answer)
      }
      do { try await Task.sleep(for: .milliseconds(20)) } catch {
        throw AscendError("cancelled", "Cancelled while a guest was booted")
      }
    }
    return nil
  }

  private func note(_ message: JSONValue) {
    guard let name = message["event"]?.stringValue, events.count < 1000 else { return }
    events.append((name, message["data"] ?? [:]))
  }

  private func nextMessage() throws(AscendError) -> JSONValue? {
    while true {
      if let end = received.firstIndex(of: 0x0a) {
        let line = received[..<end]
        received.removeSubrange(...end)
        if let message = try? JSONDecoder().decode(JSONValue.self, from: Data(line)) { return message }
        continue
      }
      guard received.count < Self.longestLine else {
        throw AscendError("boot.monitor", "QEMU's monitor sent a line that has no end")
      }
      var buffer = [UInt8](repeating: 0, count: 16 << 10)
      let count = read(answers, &buffer, buffer.count)
      guard count > 0 else { return nil }
      received += buffer[..<count]
    }
  }
}
