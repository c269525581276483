import ConnectorProtocol
import Connectors
import Foundation
import Support
import Synchronization
import Testing

/// A connectors folder of its own, with one connector that behaves as `mode` says.
struct TestConnector {
  let root: String

  init(mode: String = "ok", id: String = "test", graceMs: Int = 300) throws {
    root = NSTemporaryDirectory() + "ascend-" + UUID().uuidString
    try install(id, mode: mode, graceMs: graceMs)
  }

  static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/connector"

  var directory: ConnectorDirectory { ConnectorDirectory(searchPath: [root]) }

  func install(
    _ id: String, mode: String = "ok", graceMs: Int = 300, edit: (inout CapabilityDocument) -> Void = { _ in }
  ) throws {
    let folder = root + "/" + id
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var document = CapabilityDocument.sample(id: id)
    document.timing.graceMs = graceMs
    edit(&document)
    try write(try CanonicalJSON.encodePretty(document) + Data("\n".utf8), to: folder + "/connector.json")
    try write(Data(mode.utf8), to: folder + "/mode")
    try FileManager.default.copyItem(atPath: Self.script, toPath: folder + "/connector")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/connector")
  }

  func write(_ data: Data, to path: String) throws {
    try data.write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: root)
  }

  /// Impatient, so that a test of patience is short.
  func options(_ change: (inout SessionOptions) -> Void = { _ in }) -> SessionOptions {
    var options = SessionOptions(
      workFolder: root + "/work",
      environment: ["PATH": "/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY": "leak", "LANG": "C.UTF-8"],
      startupDeadline: .seconds(20), cancelGrace: .milliseconds(400), shutdownDeadline: .seconds(2),
      maxGrace: .milliseconds(500), terminationGrace: .milliseconds(300))
    change(&options)
    return options
  }

  /// Runs a session with this connector, and checks that no process of its is left.
  func session<T: Sendable>(
    events: any ConnectorEvents = RecordedEvents(), options: SessionOptions? = nil,
    _ body: (ConnectorSession) async throws -> T
  ) async throws -> T {
    defer { #expect(processes() == [], "a process is left behind") }
    return try await ConnectorSession.with(
      try directory.find("test"), options: options ?? self.options(), events: events, body: body)
  }

  /// The processes whose working directory is this connector's.
  func processes() -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.filter { pid in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) == root + "/work"
    }
  }
}

/// What a session told, in order.
final class RecordedEvents: ConnectorEvents {
  struct Log: Equatable {
    var level: String
    var message: String
  }

  let told = Mutex<[String]>([])
  let logs = Mutex<[Log]>([])
  let ledgerError: AscendError?

  init(ledgerError: AscendError? = nil) {
    self.ledgerError = ledgerError
  }

  var order: [String] { told.withLock { $0 } }
  var logged: [Log] { logs.withLock { $0 } }

  func ledger(_ notification: LedgerNotification) async throws {
    if let ledgerError { throw ledgerError }
    // Slower than what follows: order must not depend on it.
    try await Task.sleep(for: .milliseconds(30))
    told.withLock { $0.append("ledger \(notification.event) \(notification.resource.remoteID ?? "-")") }
  }

  func progress(_ notification: ProgressNotification) async {
    told.withLock { $0.append("progress \(notification.done)") }
  }

  func checkpoint(_ notification: CheckpointNotification) async {
    told.withLock { $0.append("checkpoint \(notification.token)") }
  }

  func log(level: String, message: String) async {
    logs.withLock { $0.append(Log(level: level, message: message)) }
  }
}

extension CapabilityDocument {
  static func sample(id: String = "test") -> CapabilityDocument {
    CapabilityDocument(
      id: id, displayName: "Test", vendor: "tests", version: "1.0", executable: "connector", connection: [:],
      target: [:], disks: Disks(accepts: [DiskForm(format: "raw", access: ["nbd"])]),
      boot: [Boot(firmware: .bios, arch: "x86_64")],
      controllers: [Controller(id: "vda", bus: "virtio-blk", maxDisks: 8, bootable: true)],
      nics: [NICModel(model: "virtio-net", max: 4)], drivers: [], cleanup: Cleanup(byTag: true, byName: true))
  }
}
