public import ConnectorProtocol

/// Looks whether a machine lives: the answer to `machine/verify`, one check after the other.
public protocol MachineVerification: Sendable {
  /// What can be looked at: the `verify` kinds of the capability document.
  associatedtype Kind: RawRepresentable<String>

  /// The request's own.
  var timeoutMs: Int? { get }

  func look(
    _ kind: Kind, _ check: MachineVerify.Check, _ operation: OperationContext
  ) async throws -> MachineVerify.CheckResult
}

extension MachineVerification {
  public func run(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    var results: [MachineVerify.CheckResult] = []
    for check in request.checks {
      operation.progress(
        phase: "verify", done: Int64(results.count), total: Int64(request.checks.count), unit: "steps",
        message: check.kind)
      guard let kind = Kind(rawValue: check.kind) else {
        results.append(.unknown(check.kind))
        continue
      }
      results.append(try await look(kind, check, operation))
    }
    return MachineVerify.Result(results: results)
  }

  public func result(
    _ kind: Kind, _ pass: Bool, _ detail: String, inconclusive: Bool = false, evidence: String? = nil
  ) -> MachineVerify.CheckResult {
    MachineVerify.CheckResult(
      kind: kind.rawValue, pass: pass, inconclusive: inconclusive ? true : nil, detail: detail, evidence: evidence)
  }

  /// Asks until there is an answer, or the time is over; then what there is counts.
  ///
  /// The time is the check's option `seconds`, else the request's `timeoutMs`, else `otherwise`: 1 s to a day.
  ///
  /// - Parameters:
  ///   - otherwise: In seconds.
  ///   - look: What is seen now, and whether waiting would not change it.
  public func poll(
    _ check: MachineVerify.Check, otherwise: Double, isolation: isolated (any Actor)? = #isolation,
    _ look: () async throws -> (result: MachineVerify.CheckResult, isFinal: Bool)
  ) async throws -> MachineVerify.CheckResult {
    let asked = check.options?["seconds"]?.integerValue.map(Double.init)
    let seconds = asked ?? timeoutMs.map { Double($0) / 1000 } ?? otherwise
    let deadline = ContinuousClock.now + .seconds(min(max(seconds, 1), 86_400))
    while true {
      let (result, isFinal) = try await look()
      if isFinal || ContinuousClock.now >= deadline { return result }
      try await Task.sleep(for: .seconds(2))
    }
  }
}

extension MachineVerify.CheckResult {
  /// The answer to a check that the capability document does not have.
  public static func unknown(_ kind: String) -> MachineVerify.CheckResult {
    MachineVerify.CheckResult(kind: kind, pass: false, detail: "this connector has no such check")
  }
}

extension OperationContext {
  /// Goes into the names of files of evidence: no other attempt has it.
  public var fileSuffix: String {
    let tail = id.rawValue.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.suffix(12)
    return "\(tail)-\(attempt)"
  }
}
