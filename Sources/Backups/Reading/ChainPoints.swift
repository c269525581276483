import Disks
import Foundation
import Support

/// The states of disks that are chains: each layer is one that the machine can be restored to.
enum ChainPoints {
  /// - Parameters:
  ///   - names: What the backup's description calls the first disk's images, where it is what says that they are a
  ///     chain; they go by the names of their files else.
  ///   - known: What was checked when `disks` were resolved.
  ///   - findings: Gets that the chains have different lengths, so that nothing says which of their states belong
  ///     together.
  /// - Returns: One point a layer, oldest first, the last of which is `disks`; none where the disks are no chains, or
  ///   chains of different lengths.
  static func of(
    _ disks: [BackupDisk], within folder: String, describedAs names: [String]? = nil, known: inout CheckedChains,
    findings: inout [String]
  ) async throws(AscendError) -> [RestorePoint] {
    let depths = disks.map(\.chain.layers.count)
    guard let depth = depths.max(), depth > 1,
      names != nil || !disks.contains(where: { $0.chain.layers.contains(where: \.isMember) })
    else { return [] }
    guard depths.allSatisfy({ $0 == depth }) else {
      findings.append(
        "The disks are chains of different lengths (\(depths.map(String.init).joined(separator: ", ")) images), and nothing "
          + "tells which of their states belong together: only the newest of each is taken")
      return []
    }
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
              : try await DiskChain.resolve(
                layers, within: folder, countAllocated: false, described: names != nil, known: &known)))
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
