import Foundation

/// This computer: its QEMU, processors and memory.
struct Host: Sendable {
  /// QEMU, found in PATH.
  static let program = "qemu-system-x86_64"

  var version: Version
  var processors: Int
  var memoryBytes: Int64

  /// QEMU's version, as far as it decides what can be asked of it.
  struct Version: Hashable, Sendable, Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int

    /// Reads `QEMU emulator version 7.2.22 (…)`.
    init?(output: String) {
      guard let text = output.split(separator: " ").first(where: { $0.first?.isNumber == true }) else { return nil }
      let numbers = text.split(separator: ".").map { Int($0.prefix(while: \.isNumber)) }
      guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
      self.init(major: major, minor: minor)
    }

    init(major: Int, minor: Int) {
      self.major = major
      self.minor = minor
    }

    static func < (left: Version, right: Version) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
    var description: String { "\(major).\(minor)" }
  }

  /// `-daemonize`, sockets with log files and pictures in PNG are all there.
  static let oldest = Version(major: 7, minor: 1)

  static func look() async throws -> Host {
    for tool in ["qemu-img", "qemu-nbd"] {
      do { _ = try await Tool.run(tool, ["--version"], seconds: 20) } catch let error as SystemError {
        throw Failure.toolMissing(tool, error)
      }
    }
    let answer: Tool
    do { answer = try await Tool.run(program, ["--version"], seconds: 20) } catch let error as SystemError {
      throw Failure.toolMissing(program, error)
    }
    let said = String(decoding: answer.output, as: UTF8.self)
    guard answer.exit?.succeeded == true, let version = Version(output: said) else {
      throw Failure.toolBroken(program, answer.lastError)
    }
    guard version >= oldest else { throw Failure.toolTooOld(program, found: version, needed: oldest) }
    return Host(
      version: version, processors: ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: Int64(clamping: ProcessInfo.processInfo.physicalMemory))
  }
}
