"""The header rows of Taobao's exports, as back ends wrote them over the years (six names end in a space until 2018)."""

from __future__ import annotations

_BUYER = "订单编号 买家会员名 买家支付宝账号"
_PRICES = "买家应付货款 买家应付邮费 买家支付积分 总金额 返点积分 买家实际支付金额 买家实际支付积分 订单状态"
_DELIVERY = "买家留言 收货人姓名 收货地址_ 运送方式 联系电话_ 联系手机 订单创建时间 订单付款时间_ 宝贝标题_ 宝贝种类_"
_SHOP = "物流单号_ 物流公司 订单备注 宝贝总数量 店铺Id 店铺名称 订单关闭原因 卖家服务费 买家服务费 发票抬头"
_MORE = "是否手机订单 分阶段订单信息 特权订金订单id 是否上传合同照片 是否上传小票 是否代付 定金排名 修改后的sku"
_TICKETS = "修改后的收货地址 异常信息 天猫卡券抵扣 集分宝抵扣 是否是O2O交易"
_RETAIL = "新零售交易类型 新零售导购门店名称 新零售导购门店id 新零售发货门店名称 新零售发货门店id"
_REFUND = "退款金额 预约门店"
_RECEIVED = "确认收货时间 打款商家金额 含应开票给个人的个人红包"
_CREDIT = "是否信用购 体验期结束时间 前N有礼 配送类型 直播返现状态 返现金额"
_OUTLET = "新零售成交门店昵称 新零售成交门店id 新零售成交经销商id 主订单编号"


def _names(*parts: str) -> tuple[str, ...]:
    return tuple(name.replace("_", " ") for part in parts for name in part.split())


ORDER_LISTS = {
    "2017": _names(_BUYER, _PRICES, _DELIVERY, _SHOP, _MORE, _TICKETS, _REFUND),
    "2018": _names(_BUYER, _PRICES, _DELIVERY, _SHOP, _MORE, _TICKETS, _RETAIL, _REFUND, _RECEIVED),
    "2020s": tuple(
        name.strip()
        for name in _names(
            *(_BUYER, "支付单号 支付详情", _PRICES, _DELIVERY, _SHOP, _MORE, _TICKETS, "满返红包金额"),
            *(_RETAIL, _REFUND, _RECEIVED, _CREDIT, _OUTLET),
        )
    ),
    "report": _names("订单编号 总金额 买家实际支付金额 收货地址_ 订单创建时间 订单付款时间_ 退款金额"),
}

REFUNDS = _names(
    "订单编号 退款编号 支付宝交易号 订单付款时间 商品编码 退款完结时间 买家实际支付金额 宝贝标题 买家退款金额",
    "手工退款/系统退款 是否需要退货 退款的申请时间 超时时间 退款状态 货物状态 退货物流信息 发货物流信息",
    "客服介入状态 卖家真实姓名 卖家真实姓名新 卖家退货地址 卖家邮编 卖家电话 卖家手机 退货物流单号",
    "退货物流公司 买家退款原因 买家退款说明 买家退货时间 责任方 售中或售后 商家备注 完结时间",
    "部分退款/全部退款 审核操作人 举证超时 是否零秒响应 退款操作人 退款原因标签 业务类型 是否帮他退款",
    "帮他退款操作账号",
)
