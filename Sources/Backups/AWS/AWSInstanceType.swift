import ConnectorProtocol

/// What `describe-instance-types` says of one type: no table of sizes is kept here, it would be old tomorrow.
struct AWSInstanceType {
  var cpu: MachineDescription.CPU?
  var memoryBytes: Int64?
  /// Of its disks, where the type says so.
  var bus: String?

  static func find(_ type: String, _ library: JSONLibrary) throws(JSONFault) -> AWSInstanceType? {
    let places = library.objects { $0["InstanceType"] != nil && $0["VCpuInfo"] != nil && $0["InstanceId"] == nil }
    guard let record = places.first(where: { $0["InstanceType"] == type })?.record else { return nil }
    var found = AWSInstanceType()
    if let info = try record.record("VCpuInfo"), let count = try info.count("DefaultVCpus", in: DraftTools.counts) {
      let cores = try info.count("DefaultCores", in: 1...count)
      let threads = try info.count("DefaultThreadsPerCore", in: 1...64)
      found.cpu = .init(
        count: Int(count), coresPerSocket: cores.map { Int($0) }, threadsPerCore: threads.map { Int($0) })
    }
    if let info = try record.record("MemoryInfo") {
      found.memoryBytes = try DraftTools.memory(info, "SizeInMiB", unit: 1 << 20)
    }
    if let info = try record.record("EbsInfo"), let support = try info.text("NvmeSupport") {
      found.bus = support == "unsupported" ? "xen" : "nvme"
    }
    return found
  }
}
