import AWSClient
import ConnectorKit
import ConnectorProtocol
import Foundation
import Synchronization

/// One account in one region: its services, and what was read of it not long ago.
final class Account: Sendable {
  /// Seconds that a listing counts as fresh.
  private static let fresh: Double = 30

  let api: any AWSAPI
  /// Sends a request once, for what a restore can do without.
  let impatient: any AWSAPI
  let settings: Settings
  let environment: ConnectorEnvironment
  /// Outlives the job: what earlier restores have sent is kept there.
  let stateFolder: String?

  private struct Listing {
    var items: [XMLElement]
    var at: ContinuousClock.Instant
  }
  private struct State {
    var listings: [String: Listing] = [:]
    var prices: [PriceList.System: [String: Double]] = [:]
    var storage: StoragePrices?
    var pricesFailed: String?
  }
  private let state = Mutex(State())

  init(
    api: any AWSAPI, impatient: any AWSAPI, settings: Settings, environment: ConnectorEnvironment, stateFolder: String?
  ) {
    self.api = api
    self.impatient = impatient
    self.settings = settings
    self.environment = environment
    self.stateFolder = stateFolder
  }

  var ec2: EC2 { EC2(api: api) }

  /// Between two looks at an import: what is not Amazon's own need not be spared.
  var importPause: Duration { settings.awsEndpoints.isOverridden("ec2") ? .milliseconds(200) : .seconds(15) }

  /// Whose account it is, as an ARN.
  func identity(asking api: any AWSAPI) async throws -> String {
    let answer = try await api.query("sts", "GetCallerIdentity", version: "2011-06-15", [], retry: .standard)
    return answer.string("GetCallerIdentityResult/Arn") ?? "an account whose name STS does not tell"
  }

  // MARK: Listings

  /// A listing, read anew where the last time was too long ago.
  func listing(
    _ action: String, in set: String, _ parameters: [(String, String)] = [], pageSize: Int? = nil
  ) async throws -> [XMLElement] {
    let key = ([action] + parameters.map { "\($0.0)=\($0.1)" }).joined(separator: "&")
    let kept = state.withLock { $0.listings[key] }
    if let kept, kept.at.duration(to: .now) < .seconds(Self.fresh) { return kept.items }
    let items = try await ec2.all(action, in: set, parameters, pageSize: pageSize)
    state.withLock { $0.listings[key] = Listing(items: items, at: .now) }
    return items
  }

  func subnets() async throws -> [XMLElement] {
    try await listing("DescribeSubnets", in: "subnetSet", pageSize: 1000)
  }

  func securityGroups() async throws -> [XMLElement] {
    try await listing("DescribeSecurityGroups", in: "securityGroupInfo", pageSize: 1000)
  }

  func keyPairs() async throws -> [XMLElement] { try await listing("DescribeKeyPairs", in: "keySet") }

  private var facts: FactFile {
    FactFile(folder: stateFolder, owner: "\(settings.region) \(settings.awsEndpoints.url(service: "ec2"))")
  }

  /// All types of an architecture (`x86_64`, `arm64`), or of any.
  func types(_ architecture: String? = nil) async throws -> [InstanceType] {
    let name = "types \(architecture ?? "any")"
    if let kept = facts.read(name, [InstanceType].self) { return kept }
    let filters = architecture.map { [("processor-info.supported-architecture", [$0])] } ?? []
    let current: [(String, [String])] = [("current-generation", ["true"])]
    let types = try await listing(
      "DescribeInstanceTypes", in: "instanceTypeSet", EC2.filters(current + filters), pageSize: 100
    ).compactMap(InstanceType.init)
    facts.write(name, types)
    return types
  }

  /// One type; nil where there is none of that name.
  func type(named name: String) async throws -> InstanceType? {
    do {
      let found = try await listing("DescribeInstanceTypes", in: "instanceTypeSet", [("InstanceType.1", name)])
      return found.compactMap(InstanceType.init).first { $0.name == name }
    } catch let error as AWSError where error.code.hasPrefix("InvalidInstanceType") { return nil }
  }

  /// True where the zone has the type.
  func offers(_ type: String, in zone: String) async throws -> Bool {
    let filters = EC2.filters([("location", [zone]), ("instance-type", [type])])
    let found = try await listing(
      "DescribeInstanceTypeOfferings", in: "instanceTypeOfferingSet", [("LocationType", "availability-zone")] + filters)
    return found.contains { $0.string("instanceType") == type }
  }

  /// The names of the types that a zone has.
  func offered(in zone: String) async throws -> Set<String> {
    let name = "offered \(zone)"
    if let kept = facts.read(name, Set<String>.self) { return kept }
    let parameters = [("LocationType", "availability-zone")] + EC2.filters([("location", [zone])])
    let items = try await listing(
      "DescribeInstanceTypeOfferings", in: "instanceTypeOfferingSet", parameters, pageSize: 1000)
    let names = Set(items.compactMap { $0.string("instanceType") })
    facts.write(name, names)
    return names
  }

  // MARK: Prices

  /// What AWS says of these types, and why it says nothing where that is so. A service that did not answer is not asked
  /// again in this session.
  func prices(
    _ types: [String], _ system: PriceList.System = .linux
  ) async -> (hours: [String: Double], failure: String?) {
    let (known, failed) = state.withLock { ($0.prices[system] ?? [:], $0.pricesFailed) }
    let unknown = types.filter { known[$0] == nil }
    guard failed == nil, !unknown.isEmpty else { return (known, failed) }
    do {
      let told = try await asked { try await $0.hours(unknown, system) }
      let all = known.merging(told) { _, new in new }
      state.withLock { $0.prices[system] = all }
      return (all, nil)
    } catch {
      return (known, noPrices(error))
    }
  }

  /// The same of disks, snapshots and what carries them.
  func storagePrices(_ types: Set<VolumeType>) async -> (prices: StoragePrices, failure: String?) {
    let (known, failed) = state.withLock { ($0.storage, $0.pricesFailed) }
    let unknown = types.subtracting(known?.types ?? [])
    guard failed == nil, known == nil || !unknown.isEmpty else { return (known ?? StoragePrices(), failed) }
    do {
      let all = types.union(known?.types ?? [])
      let told = try await asked { try await $0.storage(all) }
      state.withLock { $0.storage = told }
      return (told, nil)
    } catch {
      return (known ?? StoragePrices(), noPrices(error))
    }
  }

  private func asked<T: Sendable>(_ ask: @escaping @Sendable (PriceList) async throws -> T) async throws -> T {
    let list = PriceList(api: impatient, region: settings.region)
    return try await Deadline.within(.seconds(10)) { try await ask(list) }
  }

  private func noPrices(_ error: any Error) -> String {
    let why = (error as? AWSError)?.message ?? "\(error)"
    state.withLock { $0.pricesFailed = why }
    return why
  }
}
