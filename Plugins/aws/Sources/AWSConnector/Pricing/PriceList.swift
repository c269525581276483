import AWSClient
import ConnectorProtocol

/// On-demand prices, asked of AWS for the few things that matter.
struct PriceList: Sendable {
  /// Sends a request once: an estimate is not worth waiting for.
  var api: any AWSAPI
  var region: String

  /// Whose licence an instance's price is with.
  enum System: String, Hashable, Sendable {
    case linux = "Linux"
    case windows = "Windows"
  }

  /// US dollars an hour, of those types whose price AWS tells.
  ///
  /// - Throws: `AWSError` where the service cannot be asked, which is no error of the plan.
  func hours(_ types: [String], _ system: System) async throws -> [String: Double] {
    try await withThrowingTaskGroup(of: (String, Double?).self) { group in
      for type in types { group.addTask { (type, try await hour(type, system)) } }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  private func hour(_ type: String, _ system: System) async throws -> Double? {
    let answer = try await products(
      "AmazonEC2",
      [
        ("instanceType", type), ("operatingSystem", system.rawValue), ("tenancy", "Shared"), ("preInstalledSw", "NA"),
        ("capacitystatus", "Used"), ("licenseModel", "No License required"),
      ])
    return answer.compactMap { Self.rates($0).map(\.price).min() }.min()
  }

  /// The products of a service that these say of themselves, in this region. One page: what is asked for has few.
  func products(_ service: String, _ filters: [(String, String)]) async throws -> [JSONValue] {
    let answer = try await api.json(
      "pricing", target: "AWSPriceListService.GetProducts",
      body: [
        "ServiceCode": .string(service), "FormatVersion": "aws_v1", "MaxResults": 100,
        "Filters": .array(
          ([("regionCode", region)] + filters).map {
            ["Type": "TERM_MATCH", "Field": .string($0.0), "Value": .string($0.1)]
          }),
      ])
    // Each entry of the list is JSON in a string.
    return (answer["PriceList"]?.arrayValue ?? []).map { $0.stringValue.flatMap(JSONText.parse) ?? $0 }
  }

  /// The price of the first unit of what has such a usage type: larger amounts may be cheaper.
  static func first(_ products: [JSONValue], of usage: (String) -> Bool) -> Double? {
    products.filter { usage($0["product"]?["attributes"]?["usagetype"]?.stringValue ?? "") }
      .compactMap { product in rates(product).min { $0.begin < $1.begin }?.price }.min()
  }

  /// What a product costs, from which amount on; prices of nothing are left out.
  private static func rates(_ product: JSONValue) -> [(begin: Double, price: Double)] {
    let offers = product["terms"]?["OnDemand"]?.objectValue?.values.map { $0 } ?? []
    let dimensions = offers.flatMap { $0["priceDimensions"]?.objectValue?.values.map { $0 } ?? [] }
    return dimensions.compactMap { dimension in
      guard let price = dimension["pricePerUnit"]?["USD"]?.stringValue.flatMap(Double.init), price > 0, price.isFinite
      else { return nil }
      return (dimension["beginRange"]?.stringValue.flatMap(Double.init) ?? 0, price)
    }
  }
}
