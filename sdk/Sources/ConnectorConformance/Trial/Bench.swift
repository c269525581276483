import ConnectorProtocol
import Foundation

/// One run of the kit: what is known of the connector, every conversation had with it, and the results.
///
/// `@unchecked Sendable`: only `cancelled` is touched by more than the thread that runs the rules, under `lock`; the
/// conversations guard themselves.
final class Bench: @unchecked Sendable {
  /// The value of a secret that nobody asked for: wherever it turns up, secrets are not kept.
  static let canary = "canary-4fYx1Zt7"

  let executable: String
  let arguments: [String]
  let options: ConformanceOptions
  private let report: @Sendable (RuleResult) -> Void
  private let lock = NSLock()
  private var cancelled = false

  var describeOutput: [UInt8] = []
  var document: CapabilityDocument?
  var documentProblem = "describe was not run"
  /// What the endpoint of the newest session has otherwise than the document.
  var overlay: JSONValue?
  var conversations: [Conversation] = []
  /// Arguments and environment of every process, as the kernel shows them.
  var processFacts: [String] = []
  /// What a whole transfer reads of the test disk over NBD.
  var wholeTransferBytes: Int64?
  private(set) var results: [RuleResult] = []
  private(set) var workFolder = ""
  private(set) var stateFolder = ""
  private var folders = 0
  private var failuresToStart = 0
  private var disks: [Int64: TestDisk] = [:]

  init(
    executable: String, arguments: [String], options: ConformanceOptions,
    report: @escaping @Sendable (RuleResult) -> Void
  ) {
    self.executable = URL(fileURLWithPath: executable).path
    self.arguments = arguments
    self.options = options
    self.report = report
  }

  var patience: ConformanceOptions.Patience { options.patience }
  var isCancelled: Bool { lock.withLock { cancelled } }
  func cancel() { lock.withLock { cancelled = true } }

  func perform() -> ConformanceReport {
    Signals.blockBrokenPipe()
    let start = Date()
    do {
      let made = try makeFolders()
      defer { if let made { try? FileManager.default.removeItem(atPath: made) } }
      defer { for conversation in conversations { conversation.kill() } }
      for scenario in Scenario.all where scenario.isWanted(options.groups) { scenario.run(self) }
    } catch {
      for rule in ConformanceRule.all where isWanted(rule) { record(rule, .skip, "no work folder: \(error)", 0) }
    }
    for rule in ConformanceRule.all where isWanted(rule) && !results.contains(where: { $0.rule == rule.id }) {
      record(rule, .skip, "not reached", 0)
    }
    let order = Dictionary(uniqueKeysWithValues: ConformanceRule.all.enumerated().map { ($1.id, $0) })
    return ConformanceReport(
      executable: executable, connector: document.map { "\($0.id) \($0.version)" },
      results: results.sorted { order[$0.rule, default: 0] < order[$1.rule, default: 0] },
      seconds: -start.timeIntervalSinceNow)
  }

  /// The folder that was made up and goes again afterwards, or nil.
  private func makeFolders() throws -> String? {
    let files = FileManager.default
    var temporary: String?
    if let given = options.workFolder {
      workFolder = URL(fileURLWithPath: given).path
    } else {
      // Short, for the sake of the sockets in it.
      workFolder = files.temporaryDirectory.path + "/ascend-verify-\(TimeOrderedUUID.make().suffix(8))"
      temporary = workFolder
    }
    stateFolder = options.stateFolder.map { URL(fileURLWithPath: $0).path } ?? workFolder + "/state"
    for folder in [workFolder, stateFolder] {
      try files.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    return temporary
  }

  /// A new folder for one process: its working directory.
  func newFolder() throws -> String {
    folders += 1
    let folder = "\(workFolder)/j\(folders)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return folder
  }

  // MARK: Rules

  private func isWanted(_ rule: ConformanceRule) -> Bool { options.groups?.contains(rule.group) ?? true }

  /// Checks the rule with this number by `body`, unless its group is not wanted.
  func rule(_ id: String, _ body: () throws -> Void) {
    guard let rule = ConformanceRule.all.first(where: { $0.id == id }), isWanted(rule) else { return }
    let start = Date()
    func seconds() -> Double { -start.timeIntervalSinceNow }
    guard !isCancelled else { return record(rule, .skip, "the run was cancelled", 0) }
    do {
      try body()
      record(rule, .pass, "", seconds())
    } catch let skip as RuleSkip {
      record(rule, .skip, skip.text, seconds())
    } catch let failure as RuleFailure {
      record(rule, .fail, failure.text, seconds())
    } catch {
      record(rule, .fail, "\(error)", seconds())
    }
  }

  private func record(_ rule: ConformanceRule, _ status: RuleStatus, _ detail: String, _ seconds: Double) {
    let result = RuleResult(rule: rule.id, title: rule.title, status: status, detail: detail, seconds: seconds)
    results.append(result)
    report(result)
  }

  // MARK: Processes

  var environment: [String: String] {
    var environment = ["ASCEND_CONNECTOR": "1", "LANG": "C.UTF-8", "TMPDIR": workFolder]
    let inherited = ProcessInfo.processInfo.environment
    for name in ["PATH", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "no_proxy"] {
      environment[name] = inherited[name]
    }
    return environment
  }

  /// Runs the connector with arguments of its own, to its end.
  func runOnce(_ extra: [String]) throws -> (output: [UInt8], end: ConnectorProcess.End) {
    let output = ByteBox()
    let process = try ConnectorProcess(
      executable, arguments + extra, environment: environment, folder: newFolder(), output: { output.append($0) },
      errors: { _ in })
    defer { process.kill() }
    process.closeInput()
    guard let end = process.waitForEnd(seconds: patience.answer) else {
      throw RuleFailure("\(extra.joined()) does not end within \(Conversation.text(patience.answer)) s")
    }
    return (output.bytes, end)
  }

  /// A new process that nothing was said to yet.
  func start() throws -> Conversation {
    let conversation = Conversation(patience: patience, isCancelled: { [weak self] in self?.isCancelled ?? true })
    try conversation.start(executable, arguments, environment: environment, folder: newFolder())
    conversations.append(conversation)
    return conversation
  }

  var initialize: Initialize {
    Initialize(
      protocolVersions: ProtocolVersion.supported, host: Initialize.Peer(name: "ascend-conformance", version: "1"))
  }

  /// A new process with which the version is agreed.
  func greeted() throws -> Conversation {
    guard failuresToStart < 3 else { throw RuleFailure("it did not answer initialize three times before") }
    let conversation = try start()
    do {
      _ = try conversation.call(initialize)
    } catch {
      failuresToStart += 1
      conversation.kill()
      throw error
    }
    return conversation
  }

  /// A new process with an open session.
  func opened() throws -> Conversation {
    let conversation = try greeted()
    do {
      overlay = try conversation.call(sessionOpen, seconds: patience.operation).overlay
    } catch {
      conversation.kill()
      throw error
    }
    if let pid = conversation.pid {
      for name in ["cmdline", "environ"] {
        let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/\(name)") ?? Data()
        processFacts.append(String(decoding: bytes, as: UTF8.self))
      }
    }
    return conversation
  }

  var sessionOpen: SessionOpen {
    SessionOpen(
      connection: options.connection,
      secrets: options.secrets.merging(["/conformanceCanary": Self.canary]) { given, _ in given },
      stateFolder: stateFolder)
  }

  /// The test disk of that size: made once, for its making takes a second.
  func testDisk(sizeBytes: Int64) -> TestDisk {
    if let disk = disks[sizeBytes] { return disk }
    let disk = TestDisk(sizeBytes: sizeBytes, seed: 7)
    disks[sizeBytes] = disk
    return disk
  }

  /// Skips a rule about what was said where the connector never said anything.
  func needEvidence() throws {
    guard conversations.contains(where: { !$0.all.isEmpty }) else { throw RuleSkip("the connector said nothing") }
  }

  func knownDocument() throws -> CapabilityDocument {
    guard let document else { throw RuleSkip("needs a readable capability document: \(documentProblem)") }
    return document
  }
}

/// Bytes that a reader's thread collects.
///
/// `@unchecked Sendable`: `collected` is read and written under `lock`.
private final class ByteBox: @unchecked Sendable {
  private let lock = NSLock()
  private var collected: [UInt8] = []
  var bytes: [UInt8] { lock.withLock { collected } }
  func append(_ bytes: [UInt8]) { lock.withLock { collected += bytes } }
}
