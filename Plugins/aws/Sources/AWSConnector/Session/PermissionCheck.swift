import AWSClient
import ConnectorProtocol

/// What the account may do, found out without doing it.
struct PermissionCheck: Sendable {
  /// Calls at once.
  private static let width = 8

  private enum Verdict: Sendable {
    case allowed
    case missing
    /// Neither: EC2 may look at what is named before it looks at what is allowed.
    case untold
  }

  var account: Account

  private var imports: Bool { account.settings.delivery == .import }

  /// A blocker for each permission that is missing, a warning for each that only some restores need, and a note of those
  /// that nothing was told about.
  func run() async throws -> [Diagnostic] {
    let needed = Permissions.all.filter { Permissions.isRelevant($0, imports: imports) }
    let verdicts = try await verdicts(needed.map(\.name))
    var found: [Diagnostic] = []
    for permission in needed {
      switch verdicts[permission.name] {
      case .failure(let other): found.append(other)
      case .success(.missing): found.append(missing(permission))
      default: break
      }
    }
    let untold = needed.map(\.name).filter { name in
      if case .success(.untold) = verdicts[name] { true } else { false }
    }
    if !untold.isEmpty {
      found.append(
        Diagnostic(
          severity: .note, code: "permission.untold",
          summary: "Whether the account may \(untold.joined(separator: ", ")) was not told: another answer came first.",
          detail: "A dry run on what is not there can end with that it is not there."))
    }
    return found
  }

  private enum Answer: Sendable {
    case success(Verdict)
    /// Something else stands in the way.
    case failure(Diagnostic)
  }

  private func verdicts(_ names: [String]) async throws -> [String: Answer] {
    var asks = names.compactMap { name in PermissionProbes.ask(name).map { (name, $0) } }[...]
    return try await withThrowingTaskGroup(of: (String, Answer).self) { group in
      func next() {
        guard let (name, ask) = asks.popFirst() else { return }
        group.addTask { (name, try await answer(name, ask)) }
      }
      for _ in 0..<Self.width { next() }
      var found: [String: Answer] = [:]
      while let (name, answer) = try await group.next() {
        found[name] = answer
        next()
      }
      return found
    }
  }

  private func answer(_ name: String, _ ask: PermissionProbes.Ask) async throws -> Answer {
    do {
      try await ask(account)
      return .success(.allowed)
    } catch let error as AWSError {
      if error.code == "NoSuchBucket", let bucket = account.settings.bucket, name == "s3:ListBucket" {
        return .failure(
          Diagnostic(
            severity: .blocker, code: "bucket.unknown", summary: "There is no bucket '\(bucket)'.", at: "/bucket",
            action: "Set `bucket` to one in \(account.settings.region)."))
      }
      return .success(try verdict(error, name))
    }
  }

  private func verdict(_ error: AWSError, _ name: String) throws -> Verdict {
    if error.isCancelled { throw CancellationError() }
    let reason = Failure.meaning(error).reason
    let isVital = ["ec2:", "ebs:", "s3:"].contains { name.hasPrefix($0) }
    if error.transport != nil || reason == .unauthenticated || reason == .credentialsExpired {
      // Prices and lists of keys and profiles can be done without.
      if isVital { throw error }
      return .untold
    }
    if reason == .permissionDenied { return .missing }
    if error.code == "DryRunOperation" { return .allowed }
    // The other services look at what is allowed before they look for what is named.
    let isRefusal = (400..<500).contains(error.status) && !error.isRetryable
    return isRefusal && !name.hasPrefix("ec2:") ? .allowed : .untold
  }

  private func missing(_ permission: CapabilityDocument.Permission) -> Diagnostic {
    let isNeeded = Permissions.isNeeded(permission, imports: imports)
    return Diagnostic(
      severity: isNeeded ? .blocker : .warning, code: "permission.missing",
      summary: "The account may not \(permission.name)\(isNeeded ? "" : ", needed \(permission.when ?? "by some")").",
      detail: permission.why, action: "Give it this permission; the README holds the whole policy.")
  }
}
