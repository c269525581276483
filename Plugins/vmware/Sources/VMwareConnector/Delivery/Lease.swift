import ConnectorProtocol
import Foundation

/// An import that the server has opened (`HttpNfcLease`): where its disks go, and how it is kept, ended or given up.
struct Lease: Sendable {
  /// A place for one disk.
  struct DeviceURL: Hashable, Sendable {
    var key: String
    /// What the importer called the device: `/name/ParaVirtualSCSIController0:1`.
    var importKey: String
    var url: String
    /// SHA-1 of the certificate of the host behind the URL, where the server tells it.
    var thumbprint: String?
    var isDisk: Bool

    init?(_ node: XMLNode) {
      guard let key = node.string("key"), let url = node.string("url") else { return nil }
      self.key = key
      self.url = url
      importKey = node.string("importKey") ?? ""
      let print = node.string("sslThumbprint") ?? ""
      thumbprint = print.isEmpty ? nil : print
      // Older servers leave it out, and have disks only.
      isDisk = node.bool("disk") ?? true
    }
  }

  var client: VimClient
  var reference: MoRef
  /// The machine that is being made.
  var entity: MoRef
  /// Seconds after which the server gives the lease up when nobody asks for it.
  var timeout: Int64
  var devices: [DeviceURL]

  /// Opens an import and waits until it takes disks.
  static func open(
    _ client: VimClient, _ placement: Placement, _ config: VimObject
  ) async throws -> Lease {
    let answer = try await client.call(
      "ImportVApp", on: placement.pool,
      [
        "spec": .object(ConfigSpec.importSpec(config)), "folder": .reference(placement.folder),
        "host": placement.host.map { .reference($0) },
      ])
    guard let reference = answer.reference("returnval") else { throw VimFault("", "the server opened no import") }
    do {
      return try await client.wait(for: ["state", "info", "error"], of: reference) { now in
        switch now.string("state") {
        case "ready": return try read(now, client, reference)
        case "error", "done":
          guard let error = now["error"] else { throw VimFault("", "the import ended and gives no reason") }
          throw VimFault(localized: error)
        default: return nil
        }
      }
    } catch {
      await Task { _ = try? await client.call("HttpNfcLeaseAbort", on: reference) }.value
      throw error
    }
  }

  private static func read(_ now: ObjectContent, _ client: VimClient, _ reference: MoRef) throws -> Lease {
    guard let info = now["info"], let entity = info.reference("entity") else {
      throw VimFault("", "the import is ready and says nothing of what it makes")
    }
    return Lease(
      client: client, reference: reference, entity: entity, timeout: info.int("leaseTimeout") ?? 300,
      devices: info.all("deviceUrl").compactMap(DeviceURL.init))
  }

  /// Where the disk on a controller's unit goes.
  ///
  /// The server names devices by class and place; simulators and some versions only count disks.
  func device(for slot: ControllerSlot, unit: Int) throws -> DeviceURL {
    let disks = devices.filter(\.isDisk)
    let place = "/\(slot.controller.type)\(slot.bus):\(unit)"
    if let named = disks.first(where: { $0.importKey.hasSuffix(place) }) { return named }
    guard disks.count == 1, let only = disks.first else {
      throw ConnectorError(
        .platformTaskFailed, "The import offers \(disks.count) places for disks, and one is needed.",
        remedy: "Retry; report this with the server's version if it happens again.", outcome: .partial)
    }
    return only
  }

  /// The URL, with `*` replaced by the server that was asked: it means "this host".
  static func target(_ url: String, server: String) -> String {
    url.replacing(/^(https?):\/\/\*(:\d+)?\//, maxReplacements: 1) { match in
      "\(match.output.1)://\(server)/"
    }
  }

  // MARK: Its life

  /// Often enough for the shortest timeout that servers give, and seldom enough not to be noticed.
  var keepAliveSeconds: Double { min(max(Double(timeout) / 10, 2), 30) }

  /// Keeps the lease alive until the task is cancelled. It tells the server how far the transfer is, and again where
  /// nothing has moved: a server that is told nothing gives up and deletes what has come.
  func keepAlive(_ percent: @Sendable () -> Int64) async throws {
    while true {
      try await Task.sleep(for: .seconds(keepAliveSeconds))
      try await client.call(
        "HttpNfcLeaseProgress", on: reference, ["percent": .int(min(max(percent(), 0), 99))])
    }
  }

  /// Why it has ended by itself, where it has.
  func fault() async -> VimFault? {
    do {
      let now = try await client.properties(["state", "error"], of: reference)
      guard now.string("state") == "error" else { return nil }
      return now["error"].map(VimFault.init(localized:)) ?? VimFault("HttpNfcLeaseExpired", "the import was given up")
    } catch let fault as VimFault where fault.isGone {
      return VimFault("HttpNfcLeaseExpired", "the server does not know the import any more")
    } catch {
      return nil
    }
  }

  /// Makes the machine one of the inventory. A lease that is done already is no error: the answer to the first call may
  /// have been lost.
  func complete() async throws {
    _ = try? await client.call("HttpNfcLeaseProgress", on: reference, ["percent": 100])
    do {
      try await client.call("HttpNfcLeaseComplete", on: reference)
    } catch let fault as VimFault where fault.name == "InvalidState" {
      guard try await client.properties(["state"], of: reference).string("state") == "done" else { throw fault }
    }
  }

  /// Gives it up. The server removes the machine; where it does not, `MachineStore.remove` does.
  func abort() async {
    _ = try? await client.call("HttpNfcLeaseAbort", on: reference)
  }

  // MARK: Checksums

  /// Asks the server to reckon SHA-256 of what comes; false where it only knows SHA-1, or nothing.
  func wantSHA256(_ device: DeviceURL) async -> Bool {
    let entry = VimObject("KeyValue", ["key": .text(device.key), "value": "sha256"])
    do {
      try await client.call(
        "HttpNfcLeaseSetManifestChecksumType", on: reference, ["deviceUrlsToChecksumTypes": .list([.object(entry)])])
      return true
    } catch { return false }
  }

  /// What the server says of a disk that it has received: the checksum's kind, lower-case, and its value. Nil where it
  /// says nothing: the method is not on every server.
  func checksum(of device: DeviceURL) async throws -> (kind: String, value: String)? {
    let answer: XMLNode
    do { answer = try await client.call("HttpNfcLeaseGetManifest", on: reference) } catch is VimFault { return nil }
    let entries = answer.all("returnval").filter { $0.bool("disk") ?? true }
    guard
      let entry = entries.first(where: { $0.string("key") == device.key }) ?? (entries.count == 1 ? entries[0] : nil)
    else { return nil }
    if let value = entry.string("checksum"), !value.isEmpty, let kind = entry.string("checksumType") {
      return (kind.lowercased().filter { $0 != "-" }, value.lowercased())
    }
    guard let value = entry.string("sha1"), !value.isEmpty else { return nil }
    return ("sha1", value.lowercased())
  }
}
