import ConnectorKit
import ConnectorProtocol
import Foundation

/// Looks whether a machine lives; what it sees is kept as files in the work folder.
struct Verification: MachineVerification {
  /// A picture of a console has a few hundred KiB.
  static let largestPicture = 32 << 20
  /// How long a check goes on where the request does not say it, in seconds.
  private static let patience = 300.0

  var client: VimClient
  var machine: MachineStore.Found
  var workFolder: String
  var timeoutMs: Int?

  func look(
    _ kind: CheckKind, _ check: MachineVerify.Check, _ operation: OperationContext
  ) async throws -> MachineVerify.CheckResult {
    switch kind {
    case .powered:
      let state = try await client.properties(["runtime.powerState"], of: machine.reference)
      let word = state.string("runtime.powerState") ?? "unknown"
      return result(.powered, word == "poweredOn", "the server says: \(word)")
    case .agent:
      return try await guest(.agent, check) {
        $0.string("guest.toolsRunningStatus") == "guestToolsRunning" ? "tools run" : nil
      }
    case .ip: return try await guest(.ip, check) { $0.string("guest.ipAddress").flatMap { $0.isEmpty ? nil : $0 } }
    case .screenshot: return try await screenshot(operation)
    }
  }

  /// Waits for what the guest's tools tell. A guest without them tells nothing: a doubt, and no failure.
  private func guest(
    _ kind: CheckKind, _ check: MachineVerify.Check, _ seen: (ObjectContent) -> String?
  ) async throws -> MachineVerify.CheckResult {
    let paths = ["guest.toolsRunningStatus", "guest.ipAddress", "guest.toolsVersionStatus2", "guest.toolsStatus"]
    return try await poll(check, otherwise: Self.patience) {
      let now = try await client.properties(paths, of: machine.reference)
      if let detail = seen(now) { return (result(kind, true, detail), true) }
      let none = now.string("guest.toolsStatus") == "toolsNotInstalled"
      let detail = none ? "the guest has no VMware Tools" : "nothing came from the guest's tools"
      return (result(kind, false, detail, inconclusive: none), false)
    }
  }

  /// The server writes a picture beside the machine; it is fetched and removed there.
  private func screenshot(_ operation: OperationContext) async throws -> MachineVerify.CheckResult {
    let made: XMLNode?
    do {
      made = try await client.perform("CreateScreenshot_Task", on: machine.reference)
    } catch let fault as VimFault where fault.isNotImplemented || fault.name == "NoPermission" {
      return result(.screenshot, false, "the server takes no picture: \(fault.message)", inconclusive: true)
    }
    guard let path = (made?.text).flatMap({ DatastorePath($0) }) else {
      return result(.screenshot, false, "the server does not say where the picture is", inconclusive: true)
    }
    let (datacenter, dcPath) = try await datacenter()
    defer { remove(path, datacenter) }
    let url = path.url(base: client.web.base, datacenter: dcPath)
    let (status, body) = try await client.web.get(url, cookie: client.cookie, limit: Self.largestPicture)
    guard status == 200, body.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
      return result(.screenshot, false, "the picture cannot be fetched (HTTP status \(status))", inconclusive: true)
    }
    let file = "\(workFolder)/screen-\(operation.fileSuffix).png"
    try body.write(to: URL(filePath: file), options: .atomic)
    return result(.screenshot, true, "\(body.count) bytes, \(path)", evidence: file)
  }

  private func remove(_ path: DatastorePath, _ datacenter: MoRef?) {
    guard let files = client.content.fileManager else { return }
    Task { [client] in
      _ = try? await client.call(
        "DeleteDatastoreFile_Task", on: files,
        ["name": .text(path.description), "datacenter": datacenter.map { .reference($0) }])
    }
  }

  /// The datacenter of the machine, and its path as `/folder` takes it.
  private func datacenter() async throws -> (MoRef?, String) {
    guard client.content.isVirtualCenter else { return (nil, "ha-datacenter") }
    var names: [String] = []
    var found: MoRef?
    var next: MoRef? = machine.reference
    for _ in 0..<64 {
      guard let here = next, here != client.content.rootFolder else { break }
      let now = try await client.properties(["name", "parent"], of: here)
      if here.type == "Datacenter" { found = here }
      if found != nil { names.insert(now.string("name") ?? "", at: 0) }
      next = now.reference("parent")
    }
    return (found, names.joined(separator: "/"))
  }
}
