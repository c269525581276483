import ConnectorKit
import ConnectorProtocol
import ConnectorServing
import Foundation

/// The snapshots that are being served, by the folder of their sockets.
actor OpenSources {
  private static let cacheBytes = 128 << 20
  private static let leastCacheBytes = 16 << 20
  private static let fetchesAtOnce = 32

  private struct Served {
    var disk: BlockDisk
    var server: DiskServer
  }

  private var folders: [String: [Served]] = [:]

  func open(_ request: SourceOpen, _ account: Account) async throws -> SourceOpen.Result {
    let ids = try SnapshotAddress.snapshots(request.addresses)
    guard request.folder.hasPrefix("/") else {
      throw ConnectorError(
        .invalidParams, "The folder of the sockets is not absolute: '\(request.folder.prefix(300))'.",
        remedy: "Give an absolute path.", outcome: .none)
    }
    var snapshots: [SourceSnapshot] = []
    for id in ids { snapshots.append(try await SourceSnapshot.look(id, account.ec2)) }
    let options = BlockDisk.Options(
      cacheBytes: max(Self.leastCacheBytes, Self.cacheBytes / snapshots.count), fetchesAtOnce: Self.fetchesAtOnce,
      readAhead: 16)
    let disks = snapshots.map {
      BlockDisk(SnapshotBlocks(ebs: EBS(api: account.api), snapshot: $0.id, sizeBytes: $0.sizeBytes), options: options)
    }
    for (snapshot, disk) in zip(snapshots, disks) { try await Self.probe(disk, snapshot) }
    await close(request.folder)
    try serve(disks, in: request.folder, snapshots, account.environment.logger)
    return SourceOpen.Result(
      disks: snapshots.map { .init(name: $0.id, sizeBytes: $0.sizeBytes, generation: $0.generation) },
      takenAt: snapshots.compactMap(\.startedAt).max()?.formatted(.iso8601))
  }

  /// Says now what would be found out in the middle: whether the blocks may be listed, and, where a key is needed for
  /// it, read.
  private static func probe(_ disk: BlockDisk, _ snapshot: SourceSnapshot) async throws {
    let first = try await disk.extent(at: 0, most: snapshot.sizeBytes)
    guard snapshot.isEncrypted else { return }
    let offset = first.isZero ? first.length : 0
    guard offset < snapshot.sizeBytes, try await !disk.extent(at: offset, most: 1).isZero else { return }
    _ = try await disk.read(at: offset, count: 1)
  }

  private func serve(
    _ disks: [BlockDisk], in folder: String, _ snapshots: [SourceSnapshot], _ logger: ConnectorLogger
  ) throws {
    var served: [Served] = []
    do {
      for (index, disk) in disks.enumerated() {
        let server = try DiskServer(disk, at: SourceOpen.socket(index, in: folder), name: snapshots[index].id) {
          logger.warning("\(snapshots[index].id) cannot be read: \(($0 as? ConnectorError)?.message ?? "\($0)")")
        }
        served.append(Served(disk: disk, server: server))
      }
    } catch {
      for one in served { one.server.stop() }
      throw error
    }
    // Somebody may have opened it in the meantime.
    for one in folders.removeValue(forKey: folder) ?? [] { one.server.stop() }
    folders[folder] = served
  }

  func close(_ folder: String) async {
    for one in folders.removeValue(forKey: folder) ?? [] {
      one.server.stop()
      await one.disk.close()
    }
  }

  func closeAll() async {
    for folder in folders.keys { await close(folder) }
  }
}
