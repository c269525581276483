import ConnectorKit
import ConnectorProtocol
import Foundation

/// Brings one disk into a folder of its datastore as a flat file, zeros and all: for servers that an import cannot use.
struct DatastoreReceiver: Sendable {
  var store: MachineStore
  var plan: MachinePlan
  var disk: MachinePlan.Disk
  var request: DiskReceive

  private var source: DiskSource { request.source }
  private var client: VimClient { store.client }
  private var editor: MachineEditor { MachineEditor(client: client, plan: plan) }

  func run(_ operation: OperationContext) async throws -> DiskReceive.Result {
    let what = "Bringing disk \(disk.index) of '\(plan.name)' to \(client.web.server)"
    return try await Failure.translating(what, outcome: .partial) {
      let folder = DatastoreFolder.path(plan.job, disk.datastore ?? "")
      let resource = Resources(plan: plan).folder(folder)
      if let receipt = try await arrived(), receipt.generation == source.generation {
        if try await store.own(plan.name, plan, role: .machine) == nil {
          try await operation.creating(resource) { ((), remoteID: folder.description) }
        }
        return receipt.result(for: request)
      }
      let stream = try await DiskStream.open(request, disk: disk, form: .flat)
      let receipt = try await operation.creating(resource) {
        try await editor.makeFolder(folder)
        do {
          return (try await send(stream, operation), remoteID: folder.description)
        } catch {
          await Task { await clean() }.value
          throw error
        }
      }
      return receipt.result(for: request)
    }
  }

  /// What is known of the disk: at the machine where that has it, else beside the flat file.
  private func arrived() async throws -> Mark.Receipt? {
    if let machine = try await store.own(plan.name, plan, role: .machine),
      let receipt = machine.mark?.receipts[disk.index]
    {
      return receipt
    }
    let (status, body) = try await client.web.get(
      url(DatastoreFolder.receipt(disk, plan.job)), cookie: client.cookie, limit: 64 << 10)
    return status == 200 ? try? JSONDecoder().decode(Mark.Receipt.self, from: body) : nil
  }

  private func url(_ path: DatastorePath) -> String {
    path.url(base: client.web.base, datacenter: plan.placement?.datacenterPath ?? "")
  }

  private func send(_ stream: DiskStream, _ operation: OperationContext) async throws -> Mark.Receipt {
    try await put(DatastoreFolder.extent(disk, plan.job), length: stream.length) {
      let piece = try await stream.next()
      let now = stream.progress
      operation.progress(
        phase: "receive", done: now.done, total: now.total, skipped: now.skipped, message: "disk \(disk.index)")
      return piece
    }
    let totals = try stream.totals()
    let text = FlatDescriptor.text(
      sizeBytes: disk.sizeBytes, extent: "disk\(disk.index)-flat.vmdk", controller: disk.controller,
      thin: disk.provisioning == .thin)
    try await put(DatastoreFolder.descriptor(disk, plan.job), Data(text.utf8))
    let receipt = Mark.Receipt(totals, generation: source.generation)
    // Last: where it is, the disk is whole.
    try await put(DatastoreFolder.receipt(disk, plan.job), try CanonicalJSON.encode(receipt))
    return receipt
  }

  private func put(_ path: DatastorePath, _ bytes: Data) async throws {
    let once = OneBody(bytes)
    try await put(path, length: Int64(bytes.count)) { await once.take() }
  }

  private func put(
    _ path: DatastorePath, length: Int64?, _ next: @escaping @Sendable () async throws -> Data?
  ) async throws {
    try await client.web.upload(
      WebClient.Upload(
        method: "PUT", url: url(path), contentType: "application/octet-stream", length: length,
        cookie: client.cookie), next)
  }

  /// Half a disk is of no use to anybody.
  private func clean() async {
    let files = [DatastoreFolder.receipt, DatastoreFolder.descriptor, DatastoreFolder.extent].map { $0(disk, plan.job) }
    for file in files { try? await DatastoreFolder.delete(file, plan.placement?.datacenter, client) }
  }

  private actor OneBody {
    private var bytes: Data?
    init(_ bytes: Data) { self.bytes = bytes }
    func take() -> Data? {
      defer { bytes = nil }
      return bytes
    }
  }
}
