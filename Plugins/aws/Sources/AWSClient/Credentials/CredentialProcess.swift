import ConnectorProtocol
import Foundation

/// Keys that a program prints: the `credential_process` of a profile. It is run without a shell, for a limited time, and
/// what it says on standard error goes nowhere: it may hold secrets.
struct CredentialProcess: Sendable {
  private static let largest = 64 << 10

  var environment: [String: String]
  var limit: Duration = .seconds(60)

  func keys(_ command: String, of profile: String) async throws(AWSError) -> AWSCredentials {
    guard let words = CommandLineWords.split(command), let name = words.first, let program = path(of: name) else {
      throw .credentials(
        "process", "the credential_process of the profile '\(profile)' names no program that can be run")
    }
    let (arguments, environment, limit) = (Array(words.dropFirst()), environment, limit)
    let output = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Data, Failure>, Never>) in
      DispatchQueue.global().async {
        continuation.resume(returning: Self.output(program, arguments, environment, within: limit))
      }
    }
    switch output {
    case .failure(let failure):
      throw .credentials("process", "the credential_process of the profile '\(profile)' \(failure.description)")
    case .success(let data): return try Self.read(data, profile)
    }
  }

  private func path(of name: String) -> String? {
    let candidates =
      name.contains("/")
      ? [name] : (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func read(_ data: Data, _ profile: String) throws(AWSError) -> AWSCredentials {
    let said = try? JSONDecoder().decode(JSONValue.self, from: data)
    guard let said, said["Version"]?.integerValue == 1 else {
      throw .credentials(
        "process", "the credential_process of the profile '\(profile)' prints no JSON of Version 1")
    }
    guard let id = said["AccessKeyId"]?.stringValue, let secret = said["SecretAccessKey"]?.stringValue, !id.isEmpty,
      !secret.isEmpty
    else { throw .credentials("process", "the credential_process of the profile '\(profile)' prints no keys") }
    let expiry = said["Expiration"]?.stringValue
    let end = expiry.flatMap(ServiceTime.parse)
    guard expiry == nil || end != nil, end.map({ $0 > Date() }) ?? true else {
      throw .credentials("process", "the credential_process of the profile '\(profile)' prints keys that have expired")
    }
    return AWSCredentials(
      accessKeyId: id, secretAccessKey: secret, sessionToken: said["SessionToken"]?.stringValue, expiresAt: end)
  }

  // MARK: Running

  private enum Failure: Error, CustomStringConvertible {
    case start(String), status(Int32), slow(Duration), long

    var description: String {
      switch self {
      case .start(let why): "cannot be run: \(why)"
      case .status(let status): "ended with status \(status)"
      case .slow(let limit): "did not end within \(limit.components.seconds) s"
      case .long: "prints more than \(CredentialProcess.largest) bytes"
      }
    }
  }

  /// What a program prints until it ends; blocks.
  private static func output(
    _ program: String, _ arguments: [String], _ environment: [String: String], within limit: Duration
  ) -> Result<Data, Failure> {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return .failure(.start("\(error)")) }
    let read = readAll(pipe.fileHandleForReading.fileDescriptor, within: limit)
    // Whoever still holds the pipe is not waited for.
    if case .failure = read { kill(process.processIdentifier, SIGKILL) }
    let status = ChildProcess.wait(process)
    return read.flatMap { status == 0 ? .success($0) : .failure(.status(status)) }
  }

  private static func readAll(_ descriptor: Int32, within limit: Duration) -> Result<Data, Failure> {
    let deadline = ContinuousClock.now + limit
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return .failure(.slow(limit)) }
      var wish = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let milliseconds = min(1000, left.components.seconds * 1000 + 1)
      guard poll(&wish, 1, Int32(milliseconds)) > 0 else { continue }
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return .success(data) }
      if count < 0, errno != EINTR { return .success(data) }
      data.append(contentsOf: buffer.prefix(max(0, count)))
      guard data.count <= largest else { return .failure(.long) }
    }
  }
}
