import ConnectorKit
import ConnectorProtocol
import Foundation

/// Looks whether a machine lives; what it sees is kept as files in the work folder.
struct Verification: Sendable {
  var folder: MachineFolder
  var name: String
  var workFolder: String
  var accelerator: Accelerator
  var timeoutMs: Int?

  /// Seconds for a boot and for a guest that says nothing; emulated ones take longer.
  /// An emulated guest that shares few processors with others says nothing for minutes, and comes up all the same.
  private var patience: (boot: Double, stall: Double) { accelerator == .kvm ? (300, 60) : (900, 360) }

  func run(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    var results: [MachineVerify.CheckResult] = []
    for check in request.checks {
      results.append(try await run(check, operation))
    }
    return MachineVerify.Result(results: results)
  }

  private func run(
    _ check: MachineVerify.Check, _ operation: OperationContext
  ) async throws -> MachineVerify.CheckResult {
    switch CheckKind(rawValue: check.kind) {
    case .powered: return try await powered()
    case .bootlog: return try await bootlog(check, operation)
    case .screenshot: return try await screenshot(operation)
    case nil: return .unknown(check.kind)
    }
  }

  private func powered() async throws -> MachineVerify.CheckResult {
    try await Blocking.run {
      func result(_ pass: Bool, _ detail: String) -> MachineVerify.CheckResult {
        MachineVerify.CheckResult(kind: CheckKind.powered.rawValue, pass: pass, detail: detail)
      }
      guard MachineProcess.find(folder) != nil else { return result(false, "QEMU does not run") }
      do {
        let conversation = try QMP(folder)
        let status = try conversation.execute("query-status")["status"]?.stringValue ?? "unknown"
        return result(status == "running", "QEMU says: \(status)")
      } catch {
        return result(false, "QEMU does not answer: \(error)")
      }
    }
  }

  private func bootlog(
    _ check: MachineVerify.Check, _ operation: OperationContext
  ) async throws -> MachineVerify.CheckResult {
    func seconds(_ name: String) -> Double? { check.options?[name]?.integerValue.map(Double.init) }
    let watch = BootWatch(
      folder: folder, timeout: seconds("seconds") ?? timeoutMs.map { Double($0) / 1000 } ?? patience.boot,
      stall: seconds("stallSeconds") ?? patience.stall,
      success: check.options?["success"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    let outcome = try await watch.run { line, bytes in
      operation.progress(phase: "bootlog", done: Int64(bytes), unit: "bytes", message: line)
    }
    let copy = evidence("bootlog", "log", operation)
    let serial = folder.serialLog
    let kept = try await Blocking.run {
      try Failure.translating("Keeping the serial log", outcome: .none) { try Self.copy(serial, to: copy) }
    }
    return MachineVerify.CheckResult(
      kind: check.kind, pass: outcome.pass, inconclusive: outcome.inconclusive ? true : nil, detail: outcome.detail,
      evidence: kept ? copy : nil)
  }

  private func screenshot(_ operation: OperationContext) async throws -> MachineVerify.CheckResult {
    let path = evidence("screen", "png", operation)
    operation.progress(phase: "screenshot", done: 0, unit: "steps")
    return try await Blocking.run {
      do {
        let conversation = try QMP(folder)
        _ = try conversation.execute("screendump", ["filename": .string(path), "format": "png"])
      } catch {
        return MachineVerify.CheckResult(
          kind: CheckKind.screenshot.rawValue, pass: false, detail: "QEMU took no picture: \(error)")
      }
      let size = try? Picture.size(path)
      return MachineVerify.CheckResult(
        kind: CheckKind.screenshot.rawValue, pass: size != nil,
        detail: size.map { "\($0.width) by \($0.height) pixels" } ?? "the picture is no PNG",
        evidence: size == nil ? nil : path)
    }
  }

  private func evidence(_ what: String, _ suffix: String, _ operation: OperationContext) -> String {
    "\(workFolder)/\(what)-\(name)-\(operation.fileSuffix).\(suffix)"
  }

  /// The end of a serial log is what matters: no more than 4 MiB of it are kept. False: there is none.
  private static func copy(_ from: String, to path: String) throws -> Bool {
    let input: Descriptor
    do { input = try Descriptor.open(from, O_RDONLY | O_NOFOLLOW) } catch let error where error.number == ENOENT {
      return false
    }
    let limit: Int64 = 4 << 20
    let size = Int64(try input.status(from).st_size)
    try AtomicFile.write(try input.read(from: max(0, size - limit), limit: Int(limit)), to: path)
    return true
  }
}
