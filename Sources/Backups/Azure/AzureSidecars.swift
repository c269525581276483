import ConnectorProtocol
import Foundation

/// What lies beside the description of an Azure machine: sizes, disks, snapshots, network interfaces.
struct AzureSidecars {
  let library: JSONLibrary
  let machine: JSONLibrary.Place

  /// Resource identifiers are the same in any case.
  static func same(_ one: String?, _ other: String?) -> Bool {
    guard let one, let other else { return false }
    return one.lowercased() == other.lowercased()
  }

  /// The members of a resource, whether they stand in it or in its `properties`.
  static func body(_ place: JSONLibrary.Place) -> JSONNode {
    .object(place.members.merging(place.members["properties"]?.members ?? [:]) { outer, _ in outer })
  }

  /// What `az vm list-sizes` or `az vm list-skus` says of a size.
  func size(_ name: String) throws(JSONFault) -> (MachineDescription.CPU?, Int64?) {
    let sizes = library.objects { $0["name"] != nil && ($0["numberOfCores"] ?? $0["capabilities"]) != nil }
    guard let place = sizes.first(where: { Self.same($0["name"], name) }) else { return (nil, nil) }
    let record = place.record
    var count = try record.count("numberOfCores", in: DraftTools.counts)
    var memory = try DraftTools.memory(record, "memoryInMB", "memoryInMb", unit: 1 << 20)
    for capability in try record.records("capabilities") {
      guard let name = try capability.text("name"), let value = try capability.text("value") else { continue }
      switch name {
      case "vCPUs": count = Int64(value).flatMap { DraftTools.counts.contains($0) ? $0 : nil }
      // A text, and not always a whole number.
      case "MemoryGB":
        let bytes = (Double(value) ?? 0) * Double(1 << 30)
        memory = bytes >= 1 && bytes <= Double(DraftTools.mostMemory) ? Int64(bytes) : nil
      default: break
      }
    }
    return (count.map { .init(count: Int($0)) }, memory)
  }

  /// `az disk show` of a disk.
  func disk(id: String?, name: String?) -> JSONNode? {
    let disks = library.objects { members in
      let body = members["properties"]?.members ?? members
      return body["creationData"] != nil && (body["diskState"] ?? body["diskSizeBytes"]) != nil
        && body["incremental"] == nil
    }
    return disks.first { Self.same($0["id"], id) || (id == nil && Self.same($0["name"], name)) }.map(Self.body)
  }

  /// `az snapshot show` of those that were taken of a disk.
  func snapshots(of disk: String?) -> [JSONNode] {
    guard let disk else { return [] }
    let found = library.objects { members in
      let body = members["properties"]?.members ?? members
      return body["creationData"] != nil && body["incremental"] != nil
    }
    return found.map(Self.body).filter { Self.same($0["creationData"]?["sourceResourceId"]?.text, disk) }
  }

  /// The machine's generation, where its system disk says it.
  var generation: String? {
    let body = Self.body(machine)
    let system = body["storageProfile"]?["osDisk"]
    let found = disk(id: system?["managedDisk"]?["id"]?.text, name: system?["name"]?.text)
    return found?["hyperVGeneration"]?.text ?? body["hyperVGeneration"]?.text
  }

  /// `az network nic show` of an interface.
  func interface(_ id: String) -> JSONLibrary.Place? {
    library.objects { members in
      let body = members["properties"]?.members ?? members
      return body["ipConfigurations"] != nil && members["id"] != nil
    }.first { Self.same($0["id"], id) }
  }
}
