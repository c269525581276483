import AWSClient
import ConnectorKit
import ConnectorProtocol
import Foundation

/// Looks whether an instance lives; what it sees is kept as files in the work folder.
struct Verification: MachineVerification {
  /// A console that has not changed for so long will not tell more about the boot.
  private static let silence = Duration.seconds(45)
  /// How long a check goes on where the request does not say it, in seconds.
  private static let patience = 600.0

  var ec2: EC2
  var instance: Instance
  var workFolder: String
  var timeoutMs: Int?

  func look(
    _ kind: CheckKind, _ check: MachineVerify.Check, _ operation: OperationContext
  ) async throws -> MachineVerify.CheckResult {
    switch kind {
    case .powered: try await powered(check)
    case .bootlog: try await bootlog(check, operation)
    case .ip: try await address(check)
    case .screenshot: try await screenshot(operation)
    }
  }

  private func powered(_ check: MachineVerify.Check) async throws -> MachineVerify.CheckResult {
    try await poll(check, otherwise: Self.patience) {
      let answer = try await ec2.call(
        "DescribeInstanceStatus", [("InstanceId.1", instance.id), ("IncludeAllInstances", "true")])
      let item = answer.items("instanceStatusSet").first { $0.string("instanceId") == instance.id }
      let state = item?.string("instanceState/name") ?? "unknown"
      let checks = [("instance", "instanceStatus"), ("host", "systemStatus"), ("volumes", "attachedEbsStatus")]
        .compactMap { name, path in item?.string("\(path)/status").map { (name, $0) } }
      let words = checks.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      let detail = "EC2 says: \(state)" + (words.isEmpty ? "" : "; status checks: \(words)")
      let isOK = state == "running" && !checks.isEmpty && checks.allSatisfy { $0.1 == "ok" || $0.1 == "not-applicable" }
      if isOK { return (result(.powered, true, detail), true) }
      let isFailed = !["running", "pending"].contains(state)
      let isWaiting = state == "running" && !checks.contains { $0.1 == "impaired" }
      return (result(.powered, false, detail, inconclusive: isWaiting), isFailed)
    }
  }

  private func bootlog(
    _ check: MachineVerify.Check, _ operation: OperationContext
  ) async throws -> MachineVerify.CheckResult {
    let file = "\(workFolder)/console-\(operation.fileSuffix).log"
    var last: (data: Data, since: ContinuousClock.Instant) = (Data(), .now)
    return try await poll(check, otherwise: Self.patience) {
      let answer = try await console()
      let data = answer?.string("output").flatMap { Data(base64Encoded: $0.filter { !$0.isWhitespace }) } ?? Data()
      if !data.isEmpty { try data.write(to: URL(filePath: file), options: .atomic) }
      let evidence = data.isEmpty ? nil : file
      switch BootLog.judge(String(decoding: data, as: UTF8.self)) {
      case .up(let line): return (result(.bootlog, true, line, evidence: evidence), true)
      case .failed(let why): return (result(.bootlog, false, why, evidence: evidence), true)
      case .unclear(let why):
        if data != last.data { last = (data, .now) }
        // A guest that has said what it says there, and none of it tells.
        let isOver = !data.isEmpty && last.since.duration(to: .now) > Self.silence
        return (result(.bootlog, false, why, inconclusive: true, evidence: evidence), isOver)
      }
    }
  }

  /// The newest console output; what was kept at the last start where the type does not tell the newest.
  private func console() async throws -> XMLElement? {
    do {
      return try await ec2.call("GetConsoleOutput", [("InstanceId", instance.id), ("Latest", "true")])
    } catch let error as AWSError where error.code == "UnsupportedOperation" || error.code == "Unsupported" {
      return try await ec2.call("GetConsoleOutput", [("InstanceId", instance.id)])
    }
  }

  private func address(_ check: MachineVerify.Check) async throws -> MachineVerify.CheckResult {
    try await poll(check, otherwise: Self.patience) {
      let now = try await InstanceStore(ec2: ec2).look(instance.id)
      let all = [now?.privateAddress, now?.publicAddress].compactMap(\.self)
      return (result(.ip, !all.isEmpty, all.isEmpty ? "it has no address" : all.joined(separator: ", ")), !all.isEmpty)
    }
  }

  private func screenshot(_ operation: OperationContext) async throws -> MachineVerify.CheckResult {
    do {
      let answer = try await ec2.api.query(
        "ec2", "GetConsoleScreenshot", version: EC2.version, [("InstanceId", instance.id), ("WakeUp", "true")],
        retry: .once)
      guard let data = answer.string("imageData").flatMap({ Data(base64Encoded: $0.filter { !$0.isWhitespace }) }),
        data.starts(with: [0xFF, 0xD8, 0xFF])
      else { return result(.screenshot, false, "EC2 gives no picture", inconclusive: true) }
      let file = "\(workFolder)/screen-\(operation.fileSuffix).jpg"
      try data.write(to: URL(filePath: file), options: .atomic)
      return result(.screenshot, true, "\(data.count) bytes", evidence: file)
    } catch let error as AWSError where !error.isCancelled {
      return result(.screenshot, false, "EC2 gives no picture: \(error.message)", inconclusive: true)
    }
  }
}
