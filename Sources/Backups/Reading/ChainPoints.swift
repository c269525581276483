import Disks
import Foundation
import Support

/// The states of disks that are chains: each layer is one that the machine can be restored to.
enum ChainPoints {
  /// - Parameter names: What the backup's description calls the first disk's images, where it is what says that they are
  ///   a chain; they go by the names of their files else.
  /// - Returns: One point a layer, oldest first, the last of which is `disks`; none where the disks are no chains, or
  ///   have different numbers of layers, so that nothing says which belong together.
  static func of(_ disks: [BackupDisk], within folder: String, describedAs names: [String]? = nil)
    async throws(AscendError) -> [RestorePoint]
  {
    guard let depth = disks.first?.chain.layers.count, depth > 1,
      disks.allSatisfy({ disk in
        disk.chain.layers.count == depth && (names != nil || !disk.chain.layers.contains(where: \.isMember))
      })
    else { return [] }
    var points: [RestorePoint] = []
    for state in 0..<depth {
      var held: [BackupDisk] = []
      for disk in disks {
        let layers = Array(disk.chain.layers.prefix(state + 1))
        let isNewest = state == depth - 1
        held.append(
          BackupDisk(
            index: disk.index,
            chain: isNewest
              ? disk.chain
              : try await DiskChain.resolve(layers, within: folder, countAllocated: false, described: names != nil)))
      }
      let named = names.flatMap { state < $0.count ? $0[state] : nil }
      let file = ((named ?? disks[0].chain.layers[state].path) as NSString).lastPathComponent
      let stem = (file as NSString).deletingPathExtension
      let id = points.contains { $0.id == stem } || stem.isEmpty ? "\(stem)-\(state)" : stem
      points.append(RestorePoint(id: id, name: file, parent: points.last?.id, disks: held))
    }
    return points
  }
}
